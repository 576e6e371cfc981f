package dev.sluice.python;

import java.math.BigInteger;

/** Parameters of each type of number. */
@SuppressWarnings("unused") // used from Python
public final class SampleNumbers {
  private SampleNumbers() {}

  public static int calls;

  public static void ofDouble(double value) {
    calls++;
  }

  public static void ofFloat(float value) {
    calls++;
  }

  public static void ofLong(long value) {
    calls++;
  }

  public static void ofInt(int value) {
    calls++;
  }

  public static void ofShort(short value) {
    calls++;
  }

  public static void ofByte(byte value) {
    calls++;
  }

  public static void ofChar(char value) {
    calls++;
  }

  public static void ofBoxedDouble(Double value) {
    calls++;
  }

  public static void ofBoxedFloat(Float value) {
    calls++;
  }

  public static void ofBoxedLong(Long value) {
    calls++;
  }

  public static void ofBoxedInt(Integer value) {
    calls++;
  }

  public static void ofBoxedShort(Short value) {
    calls++;
  }

  public static void ofBoxedByte(Byte value) {
    calls++;
  }

  public static void ofBoxedChar(Character value) {
    calls++;
  }

  public static void ofDoubles(double... values) {
    calls++;
  }

  public static int bits(BigInteger value) {
    return value.bitLength();
  }

  public static Object same(Object value) {
    return value;
  }

  public static BigInteger power(int bits) {
    return BigInteger.ONE.shiftLeft(bits);
  }
}
