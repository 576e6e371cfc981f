package dev.sluice.server.http.h2;

import java.time.Duration;

/** Compares limits with a clock that ticks once a second; no state, any thread. */
final class Times {
  private Times() {}

  /** The seconds were counted at their ends, so that one fewer may have passed. */
  static boolean isOver(int seconds, Duration limit) {
    return !limit.isZero() && (seconds - 1) * 1000L >= limit.toMillis();
  }
}
