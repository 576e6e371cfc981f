package dev.sluice.python.exposed;

import java.math.BigInteger;

/** Numbers of Python as the primitive types of arrays; any thread. */
final class Fitting {
  private Fitting() {}

  /** The number as the box of the primitive type, if it fits; itself otherwise. */
  static Object number(Number number, Class<?> type) {
    if (type == double.class || type == float.class) {
      double real = number.doubleValue();
      Number fitting = type == double.class ? (Number) real : (Number) (float) real;
      if (Double.isInfinite(fitting.doubleValue()) && !isInfinite(number)) {
        throw tooLarge(number, type);
      }
      return fitting;
    }
    if (type == boolean.class || type == char.class) {
      return number;
    }
    if (number instanceof BigInteger) {
      throw tooLarge(number, type);
    }
    if (!(number instanceof Integer) && !(number instanceof Long)) {
      return number;
    }
    long value = number.longValue();
    if (type == long.class) {
      return value;
    }
    if (type == int.class && value == (int) value) {
      return (int) value;
    }
    if (type == short.class && value == (short) value) {
      return (short) value;
    }
    if (type == byte.class && value == (byte) value) {
      return (byte) value;
    }
    throw tooLarge(number, type);
  }

  private static boolean isInfinite(Number number) {
    return (number instanceof Double || number instanceof Float)
        && Double.isInfinite(number.doubleValue());
  }

  private static PythonRaise tooLarge(Number number, Class<?> type) {
    return PythonRaise.overflow(
        number instanceof BigInteger large
            ? "an int of %d bits is too large for %s".formatted(large.bitLength(), type)
            : "the number %s is too large for %s".formatted(number, type));
  }
}
