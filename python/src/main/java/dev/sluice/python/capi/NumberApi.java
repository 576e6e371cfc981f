package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;

/** Numbers (longobject.h, floatobject.h); every method needs an attached thread. */
public final class NumberApi {
  private static final MemorySegment FROM_LONG = Libpython.symbol("PyLong_FromLongLong");
  private static final MemorySegment AS_LONG = Libpython.symbol("PyLong_AsLongLong");
  private static final MemorySegment FROM_DOUBLE = Libpython.symbol("PyFloat_FromDouble");
  private static final MemorySegment AS_DOUBLE = Libpython.symbol("PyFloat_AsDouble");

  private static final MemorySegment POSITIVE = Libpython.symbol("PyNumber_Positive");
  private static final MemorySegment REAL = Libpython.symbol("PyComplex_RealAsDouble");
  private static final MemorySegment IMAGINARY = Libpython.symbol("PyComplex_ImagAsDouble");
  private static final MemorySegment INDEX = Libpython.symbol("PyNumber_Index");
  private static final MemorySegment INDEX_CHECK = Libpython.symbol("PyIndex_Check");
  private static final MemorySegment NUMBER_CHECK = Libpython.symbol("PyNumber_Check");

  public static final long LONG_TYPE = Libpython.address("PyLong_Type");
  public static final long FLOAT_TYPE = Libpython.address("PyFloat_Type");
  public static final long COMPLEX_TYPE = Libpython.address("PyComplex_Type");
  public static final long BOOL_TYPE = Libpython.address("PyBool_Type");

  private NumberApi() {}

  public static long fromLong(long value) {
    return Shapes.quick(FROM_LONG, value);
  }

  /** The value; -1 with an exception set if the object is no int or too large. */
  public static long asLong(long object) {
    return Shapes.call(AS_LONG, object);
  }

  /** Whether an int is so small that {@link #smallValue} gives it. */
  public static boolean isSmall(long object) {
    return IntLayout.isCompact(object);
  }

  /** The value of a small int, read from the object itself. */
  public static long smallValue(long object) {
    return IntLayout.value(object);
  }

  /** Whether the object has {@code __index__}: whether it stands for an integer. */
  public static boolean isIndex(long object) {
    return (int) Shapes.quick(INDEX_CHECK, object) != 0;
  }

  /** A new reference to the int that the object stands for. */
  public static long index(long object) {
    return Shapes.call(INDEX, object);
  }

  /** Whether the object can be made a number; a str cannot. */
  public static boolean isNumber(long object) {
    return (int) Shapes.quick(NUMBER_CHECK, object) != 0;
  }

  /** The value of a float, read from the object itself. */
  public static double doubleValue(long object) {
    return Memory.getDouble(object + Abi.FLOAT_VALUE);
  }

  /** {@code +number}: for an instance of a subclass of int, the int. */
  public static long plain(long number) {
    return Shapes.call(POSITIVE, number);
  }

  public static double realPart(long complex) {
    return Shapes.toDouble(REAL, complex);
  }

  public static double imaginaryPart(long complex) {
    return Shapes.toDouble(IMAGINARY, complex);
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
