package dev.sluice.python.capi;

/**
 * How a small int is laid out (longintrepr.h): a head with sign and number of digits, then digits
 * of 30 bits. Found and proved once, on an attached thread.
 */
final class IntLayout {
  private static final int HEAD = 16;
  private static final int DIGITS = 24;

  /** From 3.12 on the head is a tag; before, a size whose sign is the number's. */
  private static final boolean TAGGED = findTagged();

  private static final long[] COMPACT = {0, 1, -1, 7, 1000, -1000, (1 << 30) - 1, 1 - (1 << 30)};
  private static final long[] LARGER = {1L << 30, -(1L << 30), Long.MAX_VALUE, Long.MIN_VALUE};

  private IntLayout() {}

  private static boolean findTagged() {
    long sample = NumberApi.fromLong(1000);
    boolean tagged = Memory.getLong(sample + HEAD) != 1;
    ObjectApi.decRef(sample);
    return tagged;
  }

  static boolean isAsExpected() {
    for (long value : COMPACT) {
      long sample = NumberApi.fromLong(value);
      boolean right = isCompact(sample) && value(sample) == value;
      ObjectApi.decRef(sample);
      if (!right) {
        return false;
      }
    }
    for (long value : LARGER) {
      long sample = NumberApi.fromLong(value);
      boolean right = !isCompact(sample);
      ObjectApi.decRef(sample);
      if (!right) {
        return false;
      }
    }
    return true;
  }

  /** Whether an int has at most one digit, so that {@link #value} gives it. */
  static boolean isCompact(long object) {
    long head = Memory.getLong(object + HEAD);
    return TAGGED ? head < 16 : head >= -1 && head <= 1;
  }

  /** The value of a compact int. */
  static long value(long object) {
    long head = Memory.getLong(object + HEAD);
    long sign = TAGGED ? 1 - (head & 3) : head;
    return sign * Integer.toUnsignedLong(Memory.getInt(object + DIGITS));
  }
}
