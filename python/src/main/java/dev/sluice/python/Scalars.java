package dev.sluice.python;

import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.lang.invoke.MethodType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which Java types are read from a Python object how, on an attached thread. */
final class Scalars {
  static final Map<Class<?>, Reader> READERS =
      Map.ofEntries(
          Map.entry(Boolean.class, Scalars::truth),
          Map.entry(boolean.class, Scalars::truth),
          Map.entry(Long.class, (in, object) -> Numbers.toLong(in, object, Long.class)),
          Map.entry(long.class, (in, object) -> Numbers.toLong(in, object, long.class)),
          Map.entry(Integer.class, Scalars::integer),
          Map.entry(int.class, Scalars::integer),
          Map.entry(Short.class, Scalars::shortInteger),
          Map.entry(short.class, Scalars::shortInteger),
          Map.entry(Byte.class, Scalars::byteInteger),
          Map.entry(byte.class, Scalars::byteInteger),
          Map.entry(Double.class, (in, object) -> Numbers.toDouble(in, object, Double.class)),
          Map.entry(double.class, (in, object) -> Numbers.toDouble(in, object, double.class)),
          Map.entry(Float.class, (in, object) -> Numbers.toFloat(in, object, Float.class)),
          Map.entry(float.class, (in, object) -> Numbers.toFloat(in, object, float.class)),
          Map.entry(BigInteger.class, Numbers::toBigInteger),
          Map.entry(BigDecimal.class, Numbers::toBigDecimal),
          Map.entry(Complex.class, Numbers::toComplex),
          Map.entry(Number.class, Numbers::toNumber),
          Map.entry(String.class, Texts::toString),
          Map.entry(CharSequence.class, Texts::toString),
          Map.entry(Character.class, Texts::toCharacter),
          Map.entry(char.class, Texts::toCharacter),
          Map.entry(byte[].class, Texts::toBytes),
          Map.entry(Path.class, Texts::toPath),
          Map.entry(UUID.class, Texts::toUuid),
          Map.entry(LocalDate.class, Times::toLocalDate),
          Map.entry(LocalTime.class, Times::toLocalTime),
          Map.entry(OffsetTime.class, Times::toOffsetTime),
          Map.entry(LocalDateTime.class, Times::toLocalDateTime),
          Map.entry(OffsetDateTime.class, Times::toOffsetDateTime),
          Map.entry(ZonedDateTime.class, Times::toZonedDateTime),
          Map.entry(Instant.class, Times::toInstant),
          Map.entry(Duration.class, Times::toDuration),
          Map.entry(ZoneId.class, (in, object) -> Times.toZone(in, object, ZoneId.class)),
          Map.entry(ZoneOffset.class, (in, object) -> Times.toZone(in, object, ZoneOffset.class)));

  /** Examples of what has interfaces that anybody might ask for. */
  private static final List<Class<?>> NATURAL =
      List.of(
          Long.class,
          String.class,
          ArrayList.class,
          LinkedHashMap.class,
          LinkedHashSet.class,
          LocalDate.class,
          LocalTime.class,
          LocalDateTime.class,
          ZonedDateTime.class,
          Duration.class);

  private Scalars() {}

  /** Reads one type. */
  @FunctionalInterface
  interface Reader {
    Object read(Interpreter interpreter, long object);
  }

  private static Object truth(Interpreter interpreter, long object) {
    if (object != ObjectApi.TRUE && object != ObjectApi.FALSE) {
      throw Conversions.noValue(object, Boolean.class);
    }
    return object == ObjectApi.TRUE;
  }

  private static Object integer(Interpreter interpreter, long object) {
    return (int)
        Numbers.toLong(interpreter, object, int.class, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  private static Object shortInteger(Interpreter interpreter, long object) {
    return (short)
        Numbers.toLong(interpreter, object, short.class, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  private static Object byteInteger(Interpreter interpreter, long object) {
    return (byte) Numbers.toLong(interpreter, object, byte.class, Byte.MIN_VALUE, Byte.MAX_VALUE);
  }

  static Class<?> boxed(Class<?> type) {
    return type.isPrimitive() ? MethodType.methodType(type).wrap().returnType() : type;
  }

  /**
   * What Java would say: Boolean, Long or BigInteger, Double, Complex, String, byte[], List, Map,
   * Set, the types of java.time, BigDecimal, UUID, Path; a PyObject for anything else.
   */
  static @Nullable Object natural(Interpreter interpreter, long object, int depth) {
    if (object == ObjectApi.TRUE || object == ObjectApi.FALSE) {
      return object == ObjectApi.TRUE;
    }
    if (ObjectApi.is(object, UnicodeApi.TYPE)) {
      return UnicodeApi.toString(object);
    }
    if (ObjectApi.is(object, NumberApi.LONG_TYPE) || ObjectApi.is(object, NumberApi.FLOAT_TYPE)) {
      return Numbers.toNumber(interpreter, object);
    }
    if (ObjectApi.is(object, BytesApi.TYPE) || ObjectApi.is(object, BytesApi.ARRAY_TYPE)) {
      return Texts.toBytes(interpreter, object);
    }
    if (ObjectApi.is(object, ContainerApi.LIST_TYPE)
        || ObjectApi.is(object, ContainerApi.TUPLE_TYPE)) {
      return Containers.toJava(interpreter, object, List.class, depth);
    }
    if (ObjectApi.is(object, ContainerApi.DICT_TYPE)) {
      return Containers.toJava(interpreter, object, Map.class, depth);
    }
    if (ObjectApi.is(object, ContainerApi.SET_TYPE)
        || ObjectApi.is(object, ContainerApi.FROZENSET_TYPE)) {
      return Containers.toJava(interpreter, object, Set.class, depth);
    }
    if (ObjectApi.is(object, NumberApi.COMPLEX_TYPE)) {
      return Numbers.toComplex(interpreter, object);
    }
    return fromTheLibrary(interpreter, object);
  }

  /** What of {@link #natural} implements an interface, as Comparable; null if nothing does. */
  static @Nullable Object natural(Interpreter interpreter, long object, Class<?> type, int depth) {
    if (NATURAL.stream().noneMatch(type::isAssignableFrom)) {
      return null;
    }
    Object natural = natural(interpreter, object, depth);
    return type.isInstance(natural) && !(natural instanceof PyObject) ? natural : null;
  }

  private static Object fromTheLibrary(Interpreter interpreter, long object) {
    Object time = Times.natural(interpreter, object);
    if (time != null) {
      return time;
    }
    Names names = interpreter.names();
    if (names.is(object, Names.Imported.DECIMAL)) {
      return Numbers.toBigDecimal(interpreter, object);
    }
    if (names.is(object, Names.Imported.UUID)) {
      return Texts.toUuid(interpreter, object);
    }
    if (names.is(object, Names.Imported.PURE_PATH)) {
      return Texts.toPath(interpreter, object);
    }
    ObjectApi.incRef(object);
    return interpreter.own(object);
  }
}
