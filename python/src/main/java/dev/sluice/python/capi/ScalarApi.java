package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;

/** Numbers of any kind read without exceptions; every method needs an attached thread. */
public final class ScalarApi {
  private static final MemorySegment AS_LONG = Libpython.symbol("PyLong_AsLongLongAndOverflow");
  private static final MemorySegment INDEX_CHECK = Libpython.symbol("PyIndex_Check");
  private static final MemorySegment INDEX = Libpython.symbol("PyNumber_Index");
  private static final int FLOAT_VALUE = 16;

  /** Of an int: first sign and number of digits, then digits of 30 bits. */
  private static final int INT_HEAD = 16;

  private static final int INT_DIGIT = 24;

  /** From 3.12 on the head is a tag; before, a number of digits with the sign of the int. */
  private static final boolean IS_TAGGED = isTagged();

  private ScalarApi() {}

  private static boolean isTagged() {
    long sample = NumberApi.fromLong(1000);
    long head = Memory.getLong(sample + INT_HEAD);
    ObjectApi.decRef(sample);
    return head != 1;
  }

  /** Whether an int has at most one digit, so that {@link #smallValue} gives it. */
  public static boolean isSmall(long number) {
    long head = Memory.getLong(number + INT_HEAD);
    return IS_TAGGED ? head < 16 : head >= -1 && head <= 1;
  }

  /** The value of a small int, read from the object itself. */
  public static long smallValue(long number) {
    long head = Memory.getLong(number + INT_HEAD);
    long sign = IS_TAGGED ? 1 - (head & 3) : head;
    return sign * Memory.getInt(number + INT_DIGIT);
  }

  /**
   * The value of what is known to be an int; if it does not fit, a number other than 0 is written
   * to the slot, an {@code int}. Raises nothing, so that nothing of Python can run.
   */
  public static long asLong(long number, long overflowSlot) {
    return Shapes.quick(AS_LONG, number, overflowSlot);
  }

  /** The value of what is known to be a float, read from the object itself. */
  public static double asDouble(long number) {
    return Double.longBitsToDouble(Memory.getLong(number + FLOAT_VALUE));
  }

  /** Whether the object has {@code __index__}. */
  public static boolean isIndex(long object) {
    return (int) Shapes.quick(INDEX_CHECK, object) != 0;
  }

  /** A new reference to the int that {@code __index__} gives; null on failure. */
  public static long index(long object) {
    return Shapes.call(INDEX, object);
  }
}
