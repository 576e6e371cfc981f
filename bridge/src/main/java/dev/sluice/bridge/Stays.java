package dev.sluice.bridge;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often a loop stayed with its callbacks for how long, between two looks for events; counted on
 * the loop's thread, without allocation, and read by any.
 *
 * <p>The first count is of stays below 2 microseconds; each further one of those below twice as
 * much; the last has all that are longer.
 */
public final class Stays {
  /** How many counts there are: up to 34 seconds, and beyond. */
  public static final int COUNTS = 26;

  /** What is below so many bits is in the first count: 2,048 ns. */
  private static final int FIRST_BITS = 11;

  private final AtomicLongArray counts = new AtomicLongArray(COUNTS);
  private final AtomicLong nanos = new AtomicLong();

  Stays() {}

  /** One writer only: no atomic step is needed. */
  void add(long took) {
    int bits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(0, took));
    int index = Math.min(COUNTS - 1, Math.max(0, bits - FIRST_BITS));
    counts.lazySet(index, counts.getPlain(index) + 1);
    nanos.lazySet(nanos.getPlain() + took);
  }

  /** The nanoseconds that a stay of some count takes less than; 0 for the last one. */
  public static long limit(int index) {
    return index == COUNTS - 1 ? 0 : 1L << (FIRST_BITS + index);
  }

  /** The counts of now. */
  public long[] counts() {
    long[] now = new long[COUNTS];
    for (int i = 0; i < COUNTS; i++) {
      now[i] = counts.get(i);
    }
    return now;
  }

  /** The nanoseconds of all stays. */
  public long nanos() {
    return nanos.get();
  }
}
