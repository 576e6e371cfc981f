package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.Consumer;

/** What the tests of attaching have in common; on the tests' own threads. */
final class Attachments {
  private Attachments() {}

  /** That an exception is ours, and has the code. */
  static Consumer<Throwable> has(PythonError code) {
    return thrown -> {
      assertThat(thrown).isInstanceOf(SluiceException.class);
      assertThat(((SluiceException) thrown).code()).isEqualTo(code);
    };
  }

  /** Runs the action on another thread to its end. */
  static void runOnThread(Runnable action) throws InterruptedException {
    Thread.ofPlatform().start(action).join();
  }

  /** A time from now, as {@link System#nanoTime} tells it. */
  static long in(Duration time) {
    return System.nanoTime() + time.toNanos();
  }
}
