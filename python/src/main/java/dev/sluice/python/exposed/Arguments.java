package dev.sluice.python.exposed;

import dev.sluice.python.PyObject;
import dev.sluice.python.PythonException;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.Pool;
import dev.sluice.python.capi.ScalarApi;
import dev.sluice.python.capi.UnicodeApi;
import java.lang.reflect.Array;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Arguments from Python as parameters of Java.
 *
 * <p>The methods that take a position and the address of an argument vector are bound into method
 * handles, one for each parameter: see {@link Assembly}.
 */
final class Arguments {
  private final JavaObjects objects;
  private final Crossing crossing;
  private final Elements elements;

  /** An {@code int}; only one thread at a time is here, with the GIL. */
  private final long overflow;

  Arguments(JavaObjects objects, Crossing crossing, Pool pool) {
    this.objects = objects;
    this.crossing = crossing;
    this.elements = new Elements(this, crossing);
    this.overflow = pool.allocate(8);
  }

  private static long at(int position, long arguments) {
    return Memory.getLong(arguments + 8L * position);
  }

  static Refused refused(int position, long object, Type wanted) {
    return refused(position, object, wanted.getTypeName());
  }

  private static Refused refused(int position, long object, String wanted) {
    return Refused.type(position, "a %s is no %s".formatted(UnicodeApi.typeName(object), wanted));
  }

  long asLong(int position, long arguments) {
    return number(position, at(position, arguments), "long");
  }

  private long number(int position, long object, String wanted) {
    if (ObjectApi.type(object) == NumberApi.LONG_TYPE && NumberApi.isSmall(object)) {
      return NumberApi.smallValue(object);
    }
    return largeNumber(position, object, wanted);
  }

  private long largeNumber(int position, long object, String wanted) {
    if (!ObjectApi.is(object, NumberApi.LONG_TYPE)) {
      return indexed(position, object, wanted);
    }
    Memory.putInt(overflow, 0);
    long value = ScalarApi.asLong(object, overflow);
    if (value == -1 && Memory.getInt(overflow) != 0) {
      throw Refused.overflow(position, "the int is too large for " + wanted);
    }
    return value;
  }

  private long indexed(int position, long object, String wanted) {
    if (!NumberApi.isIndex(object)) {
      throw refused(position, object, wanted);
    }
    long index = NumberApi.index(object);
    if (index == 0) {
      throw crossing.raised();
    }
    try {
      return number(position, index, wanted);
    } finally {
      ObjectApi.decRef(index);
    }
  }

  private long within(int position, long arguments, long least, long most, String wanted) {
    long value = number(position, at(position, arguments), wanted);
    if (value < least || value > most) {
      throw Refused.overflow(position, "the int %d is too large for %s".formatted(value, wanted));
    }
    return value;
  }

  int asInt(int position, long arguments) {
    return (int) within(position, arguments, Integer.MIN_VALUE, Integer.MAX_VALUE, "int");
  }

  short asShort(int position, long arguments) {
    return (short) within(position, arguments, Short.MIN_VALUE, Short.MAX_VALUE, "short");
  }

  byte asByte(int position, long arguments) {
    return (byte) within(position, arguments, Byte.MIN_VALUE, Byte.MAX_VALUE, "byte");
  }

  double asDouble(int position, long arguments) {
    return real(position, at(position, arguments));
  }

  private double real(int position, long object) {
    if (ObjectApi.type(object) == NumberApi.FLOAT_TYPE) {
      return ScalarApi.asDouble(object);
    }
    if (UnicodeApi.TYPE == ObjectApi.type(object)) {
      throw refused(position, object, "double");
    }
    double value = NumberApi.asDouble(object);
    if (value == -1 && ErrorApi.occurred()) {
      throw crossing.raised();
    }
    return value;
  }

  float asFloat(int position, long arguments) {
    return nearest(position, asDouble(position, arguments));
  }

  /** As with Java's own conversions, but for what would become infinite. */
  private static float nearest(int position, double number) {
    float nearest = (float) number;
    if (Float.isInfinite(nearest) && !Double.isInfinite(number)) {
      throw Refused.overflow(position, "the float %s is too large for float".formatted(number));
    }
    return nearest;
  }

  boolean asBoolean(int position, long arguments) {
    long object = at(position, arguments);
    if (object != ObjectApi.TRUE && object != ObjectApi.FALSE) {
      if (objects.toJava(object) instanceof Boolean box) {
        return box;
      }
      throw refused(position, object, "boolean");
    }
    return object == ObjectApi.TRUE;
  }

  char asChar(int position, long arguments) {
    long object = at(position, arguments);
    if (ObjectApi.is(object, UnicodeApi.TYPE)) {
      String text = UnicodeApi.toString(object);
      if (text.length() == 1) {
        return text.charAt(0);
      }
    }
    if (objects.toJava(object) instanceof Character box) {
      return box;
    }
    throw refused(position, object, "char (a str of one character)");
  }

  @Nullable String asText(int position, long arguments) {
    long object = at(position, arguments);
    if (ObjectApi.is(object, UnicodeApi.TYPE)) {
      return UnicodeApi.toString(object);
    }
    if (object == ObjectApi.NONE) {
      return null;
    }
    return (String) reference(position, object, String.class);
  }

  PyObject asPython(int position, long arguments) {
    return crossing.wrap(at(position, arguments));
  }

  @Nullable Object asObject(Type type, int position, long arguments) {
    return reference(position, at(position, arguments), type);
  }

  /** The array for a parameter that takes all arguments from a position on. */
  Object rest(Type component, int from, long arguments, long count) {
    int length = (int) Math.max(0, count - from);
    Object array = Array.newInstance(Generics.raw(component), length);
    for (int i = 0; i < length; i++) {
      Array.set(array, i, value(component, from + i, arguments));
    }
    return array;
  }

  /** An argument as any type, primitive ones boxed. */
  private @Nullable Object value(Type type, int position, long arguments) {
    if (!Generics.raw(type).isPrimitive()) {
      return reference(position, at(position, arguments), type);
    }
    return switch (type.getTypeName()) {
      case "int" -> asInt(position, arguments);
      case "long" -> asLong(position, arguments);
      case "double" -> asDouble(position, arguments);
      case "boolean" -> asBoolean(position, arguments);
      case "float" -> asFloat(position, arguments);
      case "char" -> asChar(position, arguments);
      case "short" -> asShort(position, arguments);
      default -> asByte(position, arguments);
    };
  }

  /** The receiver of a method, which Python has checked to be of the right type. */
  Object receiver(long self) {
    Object object = objects.toJava(self);
    if (object == null) {
      throw PythonRaise.type(
          "this %s has no Java object: its __new__ did not call that of its base"
              .formatted(UnicodeApi.typeName(self)));
    }
    return object;
  }

  /** The Java object that an argument stands for, if it stands for one. */
  @Nullable Object exposed(long object) {
    return objects.toJava(object);
  }

  /** How many bits an int needs besides the sign, as far as 63; 64 for all that need more. */
  int bits(long object) {
    Memory.putInt(overflow, 0);
    long value = ScalarApi.asLong(object, overflow);
    if (value == -1 && Memory.getInt(overflow) != 0) {
      return 64;
    }
    return Long.SIZE - Long.numberOfLeadingZeros(value < 0 ? ~value : value);
  }

  /** Whether a call of the object with so many arguments can succeed, as far as it says so. */
  boolean takes(long object, int count) {
    return objects.python().takes(object, count);
  }

  /** Whether a proxy of the interface would find in the object what it calls. */
  boolean canBe(long object, Class<?> type) {
    return crossing.canBe(object, type);
  }

  boolean isIterable(long object) {
    return crossing.has(object, "__iter__");
  }

  boolean isMapping(long object) {
    return ObjectApi.is(object, ContainerApi.DICT_TYPE)
        || (ContainerApi.isMapping(object) && crossing.has(object, "items"));
  }

  /** Whether the object has a value of a class that is neither a container nor an interface. */
  boolean hasValue(long object, Class<?> type) {
    try {
      return crossing.convert(object, type) != null;
    } catch (ClassCastException
        | ArithmeticException
        | IllegalArgumentException
        | PythonException e) {
      return false;
    }
  }

  private @Nullable Object reference(int position, long object, Type type) {
    return reference(position, object, type, 0);
  }

  private @Nullable Object reference(int position, long object, Type type, int depth) {
    Class<?> raw = Generics.raw(type);
    if (object == ObjectApi.NONE && raw != PyObject.class) {
      return Optionals.isOne(raw) ? Optionals.of(raw, null) : null;
    }
    Object value = objects.toJava(object);
    if (value == null) {
      value = raw == Object.class ? natural(object) : simple(position, object, raw);
    }
    return raw.isInstance(value) ? value : converted(position, object, type, raw, depth);
  }

  /** An item of a container: what Java may well use without Python, where it takes any object. */
  @Nullable Object element(int position, long object, Type type, int depth) {
    if (Generics.raw(type) != Object.class || object == ObjectApi.NONE) {
      return reference(position, object, type, depth);
    }
    Object value = objects.toJava(object);
    if (value == null) {
      value = scalar(object);
    }
    if (value == null) {
      value = elements.natural(position, object, depth);
    }
    return value != null ? value : crossing.convert(object, Object.class);
  }

  /** What most callers mean where Java takes any object. */
  private Object natural(long object) {
    Object value = scalar(object);
    return value != null ? value : crossing.wrap(object);
  }

  /** Text, truth, numbers and bytes; null for anything else. */
  private @Nullable Object scalar(long object) {
    long type = ObjectApi.type(object);
    if (type == UnicodeApi.TYPE) {
      return UnicodeApi.toString(object);
    }
    if (type == NumberApi.LONG_TYPE) {
      Memory.putInt(overflow, 0);
      long value = ScalarApi.asLong(object, overflow);
      if (value == -1 && Memory.getInt(overflow) != 0) {
        return bigInteger(object);
      }
      return value == (int) value ? (Object) (int) value : (Object) value;
    }
    if (type == NumberApi.FLOAT_TYPE) {
      return ScalarApi.asDouble(object);
    }
    if (type == NumberApi.BOOL_TYPE) {
      return object == ObjectApi.TRUE;
    }
    if (type == BytesApi.TYPE) {
      return BytesApi.toArray(object);
    }
    return null;
  }

  private Object bigInteger(long object) {
    return Objects.requireNonNull(crossing.convert(object, BigInteger.class));
  }

  /** The boxes and what has one obvious value; otherwise null. */
  private @Nullable Object simple(int position, long object, Class<?> type) {
    if (type == PyObject.class) {
      return crossing.wrap(object);
    }
    boolean isInt = ObjectApi.is(object, NumberApi.LONG_TYPE);
    if (isInt && type == Long.class) {
      return number(position, object, "Long");
    }
    if (isInt && type == BigInteger.class) {
      return bigInteger(object);
    }
    if (isInt && type == Double.class) {
      return real(position, object);
    }
    if (isInt && type == Float.class) {
      return nearest(position, real(position, object));
    }
    Object natural = scalar(object);
    if (natural instanceof Double number && type == Float.class) {
      return nearest(position, number);
    }
    if (natural instanceof Integer number
        && type == Short.class
        && number == (short) (int) number) {
      return number.shortValue();
    }
    if (natural instanceof Integer number && type == Byte.class && number == (byte) (int) number) {
      return number.byteValue();
    }
    if (natural instanceof String text && type == Character.class && text.length() == 1) {
      return text.charAt(0);
    }
    return natural;
  }

  private @Nullable Object converted(
      int position, long object, Type type, Class<?> raw, int depth) {
    Elements.Kind kind = Elements.Kind.of(raw);
    boolean isPlainArray = kind == Elements.Kind.ARRAY && raw.getComponentType().isPrimitive();
    if (kind != Elements.Kind.OTHER && !isPlainArray) {
      return elements.read(position, object, type, depth);
    }
    if (raw.isInterface() && raw != Path.class && !crossing.canBe(object, raw)) {
      throw refused(position, object, raw);
    }
    try {
      return crossing.convert(object, type);
    } catch (ClassCastException e) {
      throw refused(position, object, raw);
    } catch (ArithmeticException e) {
      throw Refused.overflow(position, String.valueOf(e.getMessage()));
    }
  }
}
