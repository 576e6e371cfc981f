package dev.sluice.guard.watch;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * How many stalls of a loop are logged with their stacks: so many in a minute, that the log of a
 * busy server is not full of them. Guarded by whoever has it.
 */
final class StallLimit {
  /** So many in a minute, for each loop. */
  static final int MOST = 5;

  static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  /** What has become of those of one loop since a moment. */
  private static final class Minute {
    final long began;
    int logged;
    long counted;

    Minute(long began) {
      this.began = began;
    }
  }

  private final Map<String, Minute> minutes = new HashMap<>();

  /** Whether one more may be logged; if not, it is counted. */
  boolean allows(String loop, long now) {
    Minute minute = minutes.computeIfAbsent(loop, name -> new Minute(now));
    if (minute.logged < MOST) {
      minute.logged++;
      return true;
    }
    minute.counted++;
    return false;
  }

  /** How many were counted only, by loop, in minutes that are over; these are forgotten. */
  Map<String, Long> ended(long now) {
    Map<String, Long> counted = new TreeMap<>();
    minutes
        .entrySet()
        .removeIf(each -> {
          Minute minute = each.getValue();
          if (now - minute.began < MINUTE) {
            return false;
          }
          if (minute.counted > 0) {
            counted.put(each.getKey(), minute.counted);
          }
          return true;
        });
    return counted;
  }

  void clear() {
    minutes.clear();
  }
}
