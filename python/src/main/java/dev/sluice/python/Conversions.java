package dev.sluice.python;

import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import dev.sluice.python.exposed.Optionals;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.Buffer;
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
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/**
 * Values that cross between Java and Python, on an attached thread.
 *
 * <p>To Python: null and an empty Optional (or OptionalInt and the like) are None; the integer
 * types are int, float and double float, BigDecimal Decimal, {@link Complex} complex; CharSequence,
 * Character, char[] and an enum's name are str; byte[] is bytes; Path is pathlib.Path, UUID
 * uuid.UUID, and java.time what {@link Times} says. Map is dict, Set set, any other Iterable,
 * Iterator, Stream or array a list, which is filled at once. A record is a named tuple. PyObject is
 * itself. Anything else is up to {@link Exposure}.
 */
final class Conversions {
  /**
   * How deep containers may nest. Beyond that one contains itself, or might as well: a thread's
   * stack would not hold it.
   */
  static final int DEEPEST = 200;

  private Conversions() {}

  /** A new reference, or null with an exception set; what iterating throws passes through. */
  static long toPython(Interpreter interpreter, @Nullable Object value) {
    return toPython(interpreter, value, 0);
  }

  static long toPython(Interpreter interpreter, @Nullable Object value, int depth) {
    return switch (value) {
      case null -> retained(ObjectApi.NONE);
      case String text -> UnicodeApi.fromString(text);
      case Integer number -> NumberApi.fromLong(number);
      case Long number -> NumberApi.fromLong(number);
      case PyObject object -> retained(object.address());
      case Boolean truth -> retained(truth ? ObjectApi.TRUE : ObjectApi.FALSE);
      case Double number -> NumberApi.fromDouble(number);
      default -> lessFrequent(interpreter, value, depth);
    };
  }

  private static long lessFrequent(Interpreter interpreter, Object value, int depth) {
    return switch (value) {
      case Float number -> NumberApi.fromDouble(number);
      case Short number -> NumberApi.fromLong(number);
      case Byte number -> NumberApi.fromLong(number);
      case BigInteger number -> Numbers.toPython(interpreter, number);
      case BigDecimal number -> Numbers.toPython(interpreter, number);
      case Complex number -> Numbers.toPython(interpreter, number);
      case CharSequence text -> UnicodeApi.fromString(text.toString());
      case Character character -> UnicodeApi.fromString(character.toString());
      case byte[] bytes -> BytesApi.fromArray(bytes);
      // A Path is iterable, over its own names: it has to stand before Iterable.
      case Path path -> Texts.toPython(interpreter, path);
      case PyFunction function -> toPython(interpreter, function.object());
      case Map<?, ?> map -> Containers.dict(interpreter, map, depth);
      case Set<?> items -> Containers.set(interpreter, items, depth);
      case Iterable<?> items -> Containers.list(interpreter, items.iterator(), depth);
      case Iterator<?> items -> Containers.list(interpreter, items, depth);
      case BaseStream<?, ?> items -> Containers.list(interpreter, items.iterator(), depth);
      case Optional<?> optional -> toPython(interpreter, optional.orElse(null), depth);
      case Enum<?> constant -> UnicodeApi.fromString(constant.name());
      case Record components -> Records.toPython(interpreter, components, depth);
      default -> timesAndOthers(interpreter, value, depth);
    };
  }

  private static long timesAndOthers(Interpreter interpreter, Object value, int depth) {
    return switch (value) {
      case UUID uuid -> Texts.toPython(interpreter, uuid);
      case LocalDate date -> Times.toPython(interpreter, date);
      case LocalTime time -> Times.toPython(interpreter, time, null);
      case OffsetTime time -> Times.toPython(interpreter, time.toLocalTime(), time.getOffset());
      case LocalDateTime local -> Times.toPython(interpreter, local, null);
      case OffsetDateTime at -> Times.toPython(interpreter, at.toLocalDateTime(), at.getOffset());
      case ZonedDateTime at -> Times.toPython(interpreter, at);
      case Instant at ->
          Times.toPython(interpreter, LocalDateTime.ofInstant(at, ZoneOffset.UTC), ZoneOffset.UTC);
      case Duration duration -> Times.toPython(interpreter, duration);
      case ZoneId zone -> Times.toPython(interpreter, zone);
      case Buffer buffer -> retained(SharedMemory.of(interpreter, buffer).object().address());
      case OptionalInt number -> optional(interpreter, number.isEmpty(), number.orElse(0), depth);
      case OptionalLong number -> optional(interpreter, number.isEmpty(), number.orElse(0), depth);
      case OptionalDouble number ->
          optional(interpreter, number.isEmpty(), number.orElse(0), depth);
      case Keywords keywords ->
          throw new IllegalArgumentException(
              "%s is no value: keywords are the last argument of a call".formatted(keywords));
      case SharedMemory shared -> retained(shared.object().address());
      default -> {
        if (value.getClass().isArray()) {
          yield ArrayConversions.toPython(interpreter, value, depth);
        }
        PyObject behind = Proxies.behind(value);
        yield behind == null
            ? interpreter.exposure().toPython(value)
            : toPython(interpreter, behind);
      }
    };
  }

  private static long optional(Interpreter interpreter, boolean isEmpty, Object number, int depth) {
    return toPython(interpreter, isEmpty ? null : number, depth);
  }

  private static long retained(long object) {
    ObjectApi.incRef(object);
    return object;
  }

  /** The value of an object that the caller keeps alive; None is null for all but primitives. */
  static @Nullable Object toJava(Interpreter interpreter, long object, Type type, int depth) {
    return switch (type) {
      case Class<?> plain -> toClass(interpreter, object, plain, plain, depth);
      case ParameterizedType generic ->
          Containers.isOne(Types.raw(generic))
              ? Containers.toJava(interpreter, object, generic, depth)
              : toClass(interpreter, object, Types.raw(generic), generic, depth);
      case GenericArrayType array ->
          ArrayConversions.toJava(interpreter, object, array.getGenericComponentType(), depth);
      case WildcardType wildcard ->
          toJava(interpreter, object, wildcard.getUpperBounds()[0], depth);
      case TypeVariable<?> variable -> toJava(interpreter, object, variable.getBounds()[0], depth);
      default -> throw new IllegalArgumentException("an unknown kind of type: " + type);
    };
  }

  private static @Nullable Object toClass(
      Interpreter interpreter, long object, Class<?> type, Type generic, int depth) {
    if (type == String.class && ObjectApi.type(object) == UnicodeApi.TYPE) {
      return UnicodeApi.toString(object);
    }
    if (type == PyObject.class) {
      return interpreter.own(retained(object));
    }
    if (object == ObjectApi.NONE && !Optionals.isOne(type)) {
      if (type.isPrimitive() && type != void.class) {
        throw noValue(object, type);
      }
      return null;
    }
    Object exposed = interpreter.exposure().toJava(object);
    if (exposed != null && Scalars.boxed(type).isInstance(exposed)) {
      return exposed;
    }
    Class<?> number = Optionals.number(type);
    if (number != null) {
      boolean isEmpty = object == ObjectApi.NONE;
      return Optionals.of(
          type, isEmpty ? null : toClass(interpreter, object, number, number, depth));
    }
    Scalars.Reader reader = Scalars.READERS.get(type);
    if (reader != null) {
      return reader.read(interpreter, object);
    }
    if (type.isArray()) {
      return ArrayConversions.toJava(interpreter, object, type.getComponentType(), depth);
    }
    if (type == Object.class) {
      return Scalars.natural(interpreter, object, depth);
    }
    if (Containers.isOne(type)) {
      return Containers.toJava(interpreter, object, type, depth);
    }
    if (type.isEnum()) {
      return Records.toEnum(interpreter, object, type);
    }
    if (type.isRecord()) {
      return Records.toJava(interpreter, object, type, depth);
    }
    if (type == PyFunction.class) {
      return new PyFunction(interpreter.own(retained(object)));
    }
    Object natural = Scalars.natural(interpreter, object, type, depth);
    if (natural != null) {
      return natural;
    }
    if (Proxies.canBe(type)) {
      Proxies.refuseUseless(interpreter, object, type);
      return Proxies.proxy(interpreter.own(retained(object)), type, generic);
    }
    throw noValue(object, type);
  }

  /** The value of an object; empty for None. */
  static Optional<Object> optional(PyObject object, Type type) {
    long address = object.hold();
    try {
      return Optional.ofNullable(toJava(object.interpreter(), address, type, 0));
    } finally {
      Calls.done(object.interpreter(), address);
    }
  }

  static Object required(PyObject object, Type type) {
    return required(optional(object, type), type);
  }

  static <T> T required(Optional<T> value, Type type) {
    return value.orElseThrow(() ->
        new ClassCastException(
            "Python's None has no value of the Java type %s; asOptional takes it"
                .formatted(type.getTypeName())));
  }

  static ClassCastException noValue(long object, Type type) {
    return new ClassCastException(
        "a Python %s has no value of the Java type %s"
            .formatted(UnicodeApi.typeName(object), type.getTypeName()));
  }

  static ClassCastException noValue(long object, Type type, String why) {
    return new ClassCastException(noValue(object, type).getMessage() + ": " + why);
  }

  static void checkDepth(int depth, String what) {
    if (depth > DEEPEST) {
      throw new IllegalArgumentException(
          "%s is nested more than %d levels deep, or contains itself".formatted(what, DEEPEST));
    }
  }
}
