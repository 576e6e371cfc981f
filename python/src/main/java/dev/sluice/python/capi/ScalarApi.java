package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;

/** Numbers of known types read without exceptions; every method needs an attached thread. */
public final class ScalarApi {
  private static final MemorySegment AS_LONG = Libpython.symbol("PyLong_AsLongLongAndOverflow");
  private static final int FLOAT_VALUE = 16;

  private ScalarApi() {}

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
}
