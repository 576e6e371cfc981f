package dev.sluice.python;

import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Numbers that cross, on an attached thread: exactly, or with an ArithmeticException.
 *
 * <p>What says {@code __index__} (such as numpy's integers) is an integer, bool included. A double
 * is what {@code float()} makes of a number; a float is the nearest one.
 */
final class Numbers {
  private Numbers() {}

  static long toPython(Interpreter interpreter, BigInteger number) {
    if (number.bitLength() < Long.SIZE) {
      return NumberApi.fromLong(number.longValue());
    }
    return Calls.invoke(
        interpreter,
        NumberApi.LONG_TYPE,
        "from_bytes",
        number.toByteArray(),
        "big",
        Keywords.of("signed", true));
  }

  /** {@code Decimal(str)}, which keeps every digit whatever the context says. */
  static long toPython(Interpreter interpreter, BigDecimal number) {
    return Calls.make(interpreter, Names.Imported.DECIMAL, number.toString());
  }

  static long toPython(Interpreter interpreter, Complex number) {
    return Calls.call(
        interpreter,
        Calls.state(interpreter),
        NumberApi.COMPLEX_TYPE,
        new Object[] {number.real(), number.imaginary()});
  }

  static long toLong(Interpreter interpreter, long object, Class<?> type) {
    if (ObjectApi.type(object) == NumberApi.LONG_TYPE && NumberApi.isSmall(object)) {
      return NumberApi.smallValue(object);
    }
    long integer = integer(interpreter, object, type);
    try {
      long value = NumberApi.asLong(integer);
      if (value == -1 && ErrorApi.occurred()) {
        ErrorApi.clear();
        throw tooLarge(interpreter, integer, type);
      }
      return value;
    } finally {
      ObjectApi.decRef(integer);
    }
  }

  /** The value, if it lies between the bounds. */
  static long toLong(
      Interpreter interpreter, long object, Class<?> type, long least, long greatest) {
    long value = toLong(interpreter, object, type);
    if (value < least || value > greatest) {
      throw new ArithmeticException(
          "the Python int %d does not fit the Java type %s".formatted(value, type.getName()));
    }
    return value;
  }

  static BigInteger toBigInteger(Interpreter interpreter, long object) {
    long integer = integer(interpreter, object, BigInteger.class);
    try {
      long value = NumberApi.asLong(integer);
      if (value != -1 || !ErrorApi.occurred()) {
        return BigInteger.valueOf(value);
      }
      ErrorApi.clear();
      long size = bitLength(interpreter, integer) / 8 + 1;
      long bytes =
          Calls.invoke(interpreter, integer, "to_bytes", size, "big", Keywords.of("signed", true));
      try {
        return new BigInteger(BytesApi.toArray(bytes));
      } finally {
        ObjectApi.decRef(bytes);
      }
    } finally {
      ObjectApi.decRef(integer);
    }
  }

  /** A new reference to the very int that the object is or stands for. */
  private static long integer(Interpreter interpreter, long object, Class<?> type) {
    if (ObjectApi.type(object) == NumberApi.LONG_TYPE) {
      ObjectApi.incRef(object);
      return object;
    }
    if (!NumberApi.isIndex(object)) {
      throw Conversions.noValue(object, type);
    }
    long index = Calls.orThrow(interpreter, NumberApi.index(object));
    if (ObjectApi.type(index) == NumberApi.LONG_TYPE) {
      return index;
    }
    // A subclass, whose methods may be anybody's: the sum with 0 is an int.
    long plain = NumberApi.plain(index);
    ObjectApi.decRef(index);
    if (ObjectApi.type(Calls.orThrow(interpreter, plain)) != NumberApi.LONG_TYPE) {
      ObjectApi.decRef(plain);
      throw Conversions.noValue(object, type);
    }
    return plain;
  }

  private static long bitLength(Interpreter interpreter, long integer) {
    long bits = Calls.invoke(interpreter, integer, "bit_length");
    try {
      return NumberApi.asLongQuick(bits);
    } finally {
      ObjectApi.decRef(bits);
    }
  }

  private static ArithmeticException tooLarge(
      Interpreter interpreter, long integer, Class<?> type) {
    return new ArithmeticException(
        "a Python int of %d bits does not fit the Java type %s"
            .formatted(bitLength(interpreter, integer), type.getName()));
  }

  static double toDouble(Interpreter interpreter, long object, Class<?> type) {
    if (ObjectApi.type(object) == NumberApi.FLOAT_TYPE) {
      return NumberApi.doubleValue(object);
    }
    if (!NumberApi.isNumber(object) || ObjectApi.is(object, NumberApi.COMPLEX_TYPE)) {
      throw Conversions.noValue(object, type);
    }
    double number = NumberApi.asDouble(object);
    if (number == -1 && ErrorApi.occurred()) {
      if (ObjectApi.is(object, NumberApi.LONG_TYPE)
          && ErrorApi.matches(ErrorApi.Types.OVERFLOW_ERROR)) {
        ErrorApi.clear();
        throw tooLarge(interpreter, object, type);
      }
      throw PythonException.take(interpreter);
    }
    return number;
  }

  static float toFloat(Interpreter interpreter, long object, Class<?> type) {
    double number = toDouble(interpreter, object, type);
    float nearest = (float) number;
    if (Float.isInfinite(nearest) && !Double.isInfinite(number)) {
      throw new ArithmeticException("the Python float " + number + " does not fit a Java float");
    }
    return nearest;
  }

  static Complex toComplex(Interpreter interpreter, long object) {
    if (!ObjectApi.is(object, NumberApi.COMPLEX_TYPE)) {
      return new Complex(toDouble(interpreter, object, Complex.class), 0);
    }
    return new Complex(NumberApi.realPart(object), NumberApi.imaginaryPart(object));
  }

  static BigDecimal toBigDecimal(Interpreter interpreter, long object) {
    if (NumberApi.isIndex(object)) {
      return new BigDecimal(toBigInteger(interpreter, object));
    }
    if (!interpreter.names().is(object, Names.Imported.DECIMAL)) {
      throw Conversions.noValue(object, BigDecimal.class);
    }
    long str = Calls.orThrow(interpreter, ObjectApi.str(object));
    String text = UnicodeApi.toString(str);
    ObjectApi.decRef(str);
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      throw new ArithmeticException(
          "the Python Decimal " + text + " has no value of java.math.BigDecimal");
    }
  }

  /** Long, BigInteger, Double or BigDecimal, whichever fits. */
  static Number toNumber(Interpreter interpreter, long object) {
    if (ObjectApi.is(object, NumberApi.FLOAT_TYPE)) {
      return NumberApi.asDouble(object);
    }
    if (interpreter.names().is(object, Names.Imported.DECIMAL)) {
      return toBigDecimal(interpreter, object);
    }
    if (!NumberApi.isIndex(object)) {
      return toDouble(interpreter, object, Number.class);
    }
    BigInteger integer = toBigInteger(interpreter, object);
    return integer.bitLength() < Long.SIZE ? (Number) integer.longValue() : integer;
  }
}
