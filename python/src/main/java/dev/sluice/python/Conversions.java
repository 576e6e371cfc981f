package dev.sluice.python;

import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values that cross between Java and Python, on an attached thread.
 *
 * <p>null is None; Boolean, Byte, Short, Integer and Long are bool and int; Float and Double are
 * float; CharSequence, Character and Path are str; byte[] is bytes; Iterable and Object[] are list;
 * Map is dict; PyObject is itself.
 */
final class Conversions {
  private Conversions() {}

  /** A new reference, or null with an exception set. */
  static long toPython(Interpreter interpreter, @Nullable Object value) {
    return switch (value) {
      case null -> retained(ObjectApi.NONE);
      case PyObject object -> retained(object);
      case Boolean truth -> retained(truth ? ObjectApi.TRUE : ObjectApi.FALSE);
      case Double number -> NumberApi.fromDouble(number);
      case Float number -> NumberApi.fromDouble(number);
      case Long number -> NumberApi.fromLong(number);
      case Integer number -> NumberApi.fromLong(number);
      case Short number -> NumberApi.fromLong(number);
      case Byte number -> NumberApi.fromLong(number);
      case CharSequence text -> UnicodeApi.fromString(text.toString());
      case Character character -> UnicodeApi.fromString(character.toString());
      // A Path is iterable, over its own names: it has to stand before Iterable.
      case Path path -> UnicodeApi.fromString(path.toString());
      case byte[] bytes -> BytesApi.fromArray(bytes);
      case Map<?, ?> map -> dict(interpreter, map);
      case Iterable<?> items -> list(interpreter, items);
      case Object[] items -> list(interpreter, java.util.Arrays.asList(items));
      default -> interpreter.exposure().toPython(value);
    };
  }

  private static long retained(PyObject object) {
    try {
      return retained(object.address());
    } finally {
      Reference.reachabilityFence(object);
    }
  }

  private static long retained(long object) {
    ObjectApi.incRef(object);
    return object;
  }

  private static long list(Interpreter interpreter, Iterable<?> items) {
    long list = ContainerApi.newList();
    for (Object item : items) {
      long converted = toPython(interpreter, item);
      int result = converted == 0 ? -1 : ContainerApi.append(list, converted);
      ObjectApi.decRef(converted);
      if (result < 0) {
        ObjectApi.decRef(list);
        return 0;
      }
    }
    return list;
  }

  private static long dict(Interpreter interpreter, Map<?, ?> map) {
    long dict = ContainerApi.newDict();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      long key = toPython(interpreter, entry.getKey());
      long value = key == 0 ? 0 : toPython(interpreter, entry.getValue());
      int result = value == 0 ? -1 : ContainerApi.setDictItem(dict, key, value);
      ObjectApi.decRef(key);
      ObjectApi.decRef(value);
      if (result < 0) {
        ObjectApi.decRef(dict);
        return 0;
      }
    }
    return dict;
  }

  static <T> T toJava(PyObject object, Class<T> type) {
    Interpreter interpreter = object.interpreter();
    long address = object.address();
    Object result;
    if (type == PyObject.class) {
      result = object;
    } else if (type == String.class && ObjectApi.is(address, UnicodeApi.TYPE)) {
      result = UnicodeApi.toString(address);
    } else if (type == Boolean.class && (address == ObjectApi.TRUE || address == ObjectApi.FALSE)) {
      result = address == ObjectApi.TRUE;
    } else if (type == Long.class || type == Integer.class) {
      long number = NumberApi.asLong(address);
      if (number == -1 && ErrorApi.occurred()) {
        throw PythonException.take(interpreter);
      }
      result = type == Long.class ? (Object) number : (Object) Math.toIntExact(number);
    } else if (type == Double.class) {
      double number = NumberApi.asDouble(address);
      if (number == -1 && ErrorApi.occurred()) {
        throw PythonException.take(interpreter);
      }
      result = number;
    } else if (type == byte[].class && ObjectApi.is(address, BytesApi.TYPE)) {
      result = BytesApi.toArray(address);
    } else {
      Object exposed = interpreter.exposure().toJava(address);
      if (exposed != null && type.isInstance(exposed)) {
        return type.cast(exposed);
      }
      throw new ClassCastException(
          "a Python %s has no value of the Java type %s"
              .formatted(UnicodeApi.typeName(address), type.getName()));
    }
    return type.cast(result);
  }
}
