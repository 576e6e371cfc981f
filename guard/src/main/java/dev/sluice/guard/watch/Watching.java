package dev.sluice.guard.watch;

import dev.sluice.python.JavaUse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What looks at the loops of the process while a guard is installed, or the page is there: {@code
 * sluice-watch} for stalls, and once Python knows Java classes, a stream of Flight Recorder's for
 * what blocks there. Begun and ended by any thread.
 */
public final class Watching {
  /** How long a loop may be with its callbacks, unless something else is asked for. */
  public static final Duration DEFAULT_THRESHOLD = Duration.ofMillis(100);

  private static Duration threshold = DEFAULT_THRESHOLD;
  private static int users;
  private static @Nullable LoopWatch stalls;
  private static @Nullable JavaWatch java;
  private static @Nullable JavaWatch ending;

  private Watching() {}

  /**
   * Says after what time a loop counts as standing still, before a guard is installed.
   *
   * @param time zero if nobody is to look
   */
  public static synchronized void setThreshold(Duration time) {
    threshold = time;
  }

  /** Begins, unless it has begun; whoever begins has to end. */
  public static synchronized void begin() {
    users++;
    if (stalls == null && !threshold.isZero()) {
      stalls = new LoopWatch(threshold, Stalls.OF_PROCESS::add, Stalls.OF_PROCESS::tellCounted);
    }
    if (java == null) {
      java = new JavaWatch(JavaUse::isSeen);
    }
  }

  /** Ends, if nobody else has begun. */
  public static synchronized void end() {
    if (--users > 0) {
      return;
    }
    if (stalls != null) {
      stalls.close();
      stalls = null;
    }
    if (java != null) {
      java.close();
      ending = java;
      java = null;
    }
  }

  /**
   * Waits until what has ended has removed its files; blocks, for a moment if there are any.
   *
   * @param limit for how long at most
   */
  public static void awaitEnd(Duration limit) throws InterruptedException {
    JavaWatch last;
    synchronized (Watching.class) {
      last = ending;
    }
    if (last != null) {
      last.await(limit);
    }
  }
}
