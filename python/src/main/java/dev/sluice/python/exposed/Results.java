package dev.sluice.python.exposed;

import dev.sluice.python.PyObject;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * What Java code gives back to Python: null, truth, numbers, text and byte[] become Python's own,
 * what stands for a Python object is that object, and everything else stays the Java object that it
 * is.
 *
 * <p>The methods are bound into method handles: see {@link Assembly}.
 */
final class Results {
  private final JavaObjects objects;
  private final Crossing crossing;

  Results(JavaObjects objects, Crossing crossing) {
    this.objects = objects;
    this.crossing = crossing;
  }

  /** What a comparison gives back that it does not know: Python then asks the other side. */
  enum Unsupported {
    NOT_IMPLEMENTED
  }

  static long none() {
    return retained(ObjectApi.NONE);
  }

  static long fromBoolean(boolean value) {
    return retained(value ? ObjectApi.TRUE : ObjectApi.FALSE);
  }

  static long fromLong(long value) {
    return NumberApi.fromLong(value);
  }

  static long fromInt(int value) {
    return NumberApi.fromLong(value);
  }

  static long fromDouble(double value) {
    return NumberApi.fromDouble(value);
  }

  static long fromChar(char value) {
    return UnicodeApi.fromString(Character.toString(value));
  }

  static long fromText(@Nullable String value) {
    return value == null ? none() : UnicodeApi.fromString(value);
  }

  private static long retained(long object) {
    ObjectApi.incRef(object);
    return object;
  }

  /** A new reference, or null with an exception set. */
  long fromObject(@Nullable Object value) {
    return switch (value) {
      case null -> none();
      case String text -> UnicodeApi.fromString(text);
      case Integer number -> NumberApi.fromLong(number);
      case Long number -> NumberApi.fromLong(number);
      case Boolean truth -> fromBoolean(truth);
      case Double number -> NumberApi.fromDouble(number);
      case Float number -> NumberApi.fromDouble(number);
      case Short number -> NumberApi.fromLong(number);
      case Byte number -> NumberApi.fromLong(number);
      case Character character -> fromChar(character);
      case byte[] bytes -> BytesApi.fromArray(bytes);
      case BigInteger number -> crossing.convert(number);
      case Unsupported unsupported -> retained(ObjectApi.NOT_IMPLEMENTED);
      case PyObject object -> crossing.convert(object);
      default -> {
        PyObject behind = crossing.behind(value);
        yield behind == null ? objects.toPython(value) : crossing.convert(behind);
      }
    };
  }
}
