package dev.sluice.python.exposed;

/** Numbers of Python as the primitive types of arrays; any thread. */
final class Fitting {
  private Fitting() {}

  /** The number as the box of the primitive type, if it fits; itself otherwise. */
  static Object number(Number number, Class<?> type) {
    if (type == double.class) {
      return number.doubleValue();
    }
    if (type == float.class) {
      float nearest = number.floatValue();
      if (Float.isInfinite(nearest) && !Double.isInfinite(number.doubleValue())) {
        throw PythonRaise.overflow("the number %s is too large for float".formatted(number));
      }
      return nearest;
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
    throw PythonRaise.overflow("the int %d is too large for %s".formatted(value, type));
  }
}
