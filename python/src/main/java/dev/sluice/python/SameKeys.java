package dev.sluice.python;

import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import java.util.List;

/**
 * Keys or items that differ in Java and are one in Python, as {@code 1}, {@code 1L}, {@code 1.0}
 * and {@code true}; on an attached thread.
 */
final class SameKeys {
  private SameKeys() {}

  /** Throws if a container has fewer items in Python than Java has put into it. */
  static void check(
      Interpreter interpreter, long container, Iterable<?> keys, long count, String what) {
    if (ObjectApi.length(container) != count) {
      throw new IllegalArgumentException(
          "of the Java %s %s are one in Python: give Python one of them, or a list"
              .formatted(what, named(interpreter, keys)));
    }
  }

  private static String named(Interpreter interpreter, Iterable<?> keys) {
    List<Object> all = new java.util.ArrayList<>();
    keys.forEach(all::add);
    long seen = Calls.orThrow(interpreter, ContainerApi.newDict());
    try {
      for (int i = 0; i < all.size(); i++) {
        int earlier = note(interpreter, seen, all.get(i), i);
        if (earlier != i) {
          return described(all.get(earlier)) + " and " + described(all.get(i));
        }
      }
      return "some";
    } finally {
      ObjectApi.decRef(seen);
    }
  }

  /** The index under which the key was noted first. */
  private static int note(Interpreter interpreter, long seen, Object key, int index) {
    long converted = Calls.orThrow(interpreter, Conversions.toPython(interpreter, key));
    long number = Calls.orThrow(interpreter, NumberApi.fromLong(index));
    try {
      long known = ContainerApi.getDictItem(seen, converted);
      if (known != 0) {
        return (int) Numbers.toLong(interpreter, known, int.class);
      }
      if (ContainerApi.setDictItem(seen, converted, number) < 0) {
        throw PythonException.take(interpreter);
      }
      return index;
    } finally {
      ObjectApi.decRef(number);
      ObjectApi.decRef(converted);
    }
  }

  private static String described(Object key) {
    return "%s (%s)".formatted(key, key == null ? "null" : key.getClass().getSimpleName());
  }
}
