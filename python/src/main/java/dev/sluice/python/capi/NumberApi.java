package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;

/** Numbers (longobject.h, floatobject.h); every method needs an attached thread. */
public final class NumberApi {
  private static final MemorySegment FROM_LONG = Libpython.symbol("PyLong_FromLongLong");
  private static final MemorySegment FROM_STRING = Libpython.symbol("PyLong_FromString");
  private static final MemorySegment AS_LONG = Libpython.symbol("PyLong_AsLongLong");
  private static final MemorySegment FROM_DOUBLE = Libpython.symbol("PyFloat_FromDouble");
  private static final MemorySegment AS_DOUBLE = Libpython.symbol("PyFloat_AsDouble");

  public static final long LONG_TYPE = Libpython.address("PyLong_Type");
  public static final long FLOAT_TYPE = Libpython.address("PyFloat_Type");
  public static final long BOOL_TYPE = Libpython.address("PyBool_Type");

  private NumberApi() {}

  public static long fromLong(long value) {
    return Shapes.quick(FROM_LONG, value);
  }

  /** An int of any size from hexadecimal digits. */
  public static long fromHexadecimal(String digits) {
    try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
      return Shapes.call(FROM_STRING, arena.allocateFrom(digits).address(), 0, 16);
    }
  }

  /** The value; -1 with an exception set if the object is no int or too large. */
  public static long asLong(long object) {
    return Shapes.call(AS_LONG, object);
  }

  /** The value of what is known to be an int that fits. */
  public static long asLongQuick(long object) {
    return Shapes.quick(AS_LONG, object);
  }

  public static long fromDouble(double value) {
    return Shapes.fromDouble(FROM_DOUBLE, value);
  }

  /** The value; -1.0 with an exception set if the object is no number. */
  public static double asDouble(long object) {
    return Shapes.toDouble(AS_DOUBLE, object);
  }
}
