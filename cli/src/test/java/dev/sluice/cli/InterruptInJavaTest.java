package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals reach a program's main thread also where it waits in Java code that it has called. */
class InterruptInJavaTest {
  private static final Path PROGRAMS = Path.of("src/test/python/interrupts").toAbsolutePath();

  private static SluiceProcess start(String... arguments) throws IOException {
    String[] command = new String[arguments.length + 2];
    command[0] = "run";
    command[1] = "waits_in_java.py";
    System.arraycopy(arguments, 0, command, 2, arguments.length);
    return SluiceProcess.start(PROGRAMS, command);
  }

  /** Until the program waits in Java, which nothing outside can see. */
  private static void settle() {
    try {
      Thread.sleep(500);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "sleep, InterruptedException",
    "future, InterruptedException",
    "queue, InterruptedException",
    "lock, InterruptedException",
    "nested, InterruptedException",
    "comes-back, NoneType",
  })
  void controlCIsAKeyboardInterrupt(String way, String context) throws IOException {
    try (SluiceProcess process = start(way)) {
      for (int i = 0; i < 2; i++) {
        process.await("ready");
        settle();
        process.signal("INT");
        assertThat(process.awaitStart("raised")).isEqualTo("raised KeyboardInterrupt " + context);
        process.await("then False");
      }
      process.await("raised KeyboardInterrupt");
      process.await("then False");
      assertThat(process.ended().code()).isZero();
    }
  }

  @Test
  void theProgramsOwnHandlerRunsAfterTheInterrupt() throws IOException {
    try (SluiceProcess process = start("queue", "raises")) {
      for (int i = 0; i < 2; i++) {
        process.await("ready");
        settle();
        process.signal("INT");
        process.await("handler");
        process.await("raised TimeoutError InterruptedException");
        process.await("then False");
      }
      process.await("raised TimeoutError");
      process.await("then False");
      assertThat(process.ended().code()).isZero();
    }
  }

  @Test
  void withOneThatReturnsThereIsTheInterruptOnly() throws IOException {
    try (SluiceProcess process = start("queue", "returns")) {
      process.await("ready");
      settle();
      process.signal("INT");
      process.await("handler");
      process.await("raised InterruptedException NoneType");
      process.await("then False");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"join", "input"})
  void theSecondOneEndsWhatCannotBeInterrupted(String way) throws IOException {
    try (SluiceProcess process = start(way)) {
      process.await("ready");
      settle();
      process.signal("INT");
      settle();
      long begun = System.nanoTime();
      process.signal("INT");
      SluiceProcess.Ended ended = process.waitForEnd();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
      assertThat(ended.code()).isEqualTo(130);
      assertThat(ended.err()).contains("did not return").doesNotContain("\tat ");
    }
  }
}
