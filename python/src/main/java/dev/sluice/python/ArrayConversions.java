package dev.sluice.python;

import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.lang.reflect.Array;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Arrays that cross, by value, on an attached thread: a list in Python, read from anything iterable
 * as a List is. A char[] is a str; byte[] is dealt with elsewhere.
 */
final class ArrayConversions {
  private ArrayConversions() {}

  static long toPython(Interpreter interpreter, Object array, int depth) {
    return switch (array) {
      case char[] text -> UnicodeApi.fromString(new String(text));
      case int[] numbers -> list(numbers.length, i -> NumberApi.fromLong(numbers[i]));
      case long[] numbers -> list(numbers.length, i -> NumberApi.fromLong(numbers[i]));
      case double[] numbers -> list(numbers.length, i -> NumberApi.fromDouble(numbers[i]));
      case float[] numbers -> list(numbers.length, i -> NumberApi.fromDouble(numbers[i]));
      case short[] numbers -> list(numbers.length, i -> NumberApi.fromLong(numbers[i]));
      case boolean[] truths -> list(truths.length, i -> truth(truths[i]));
      default ->
          Containers.list(interpreter, Arrays.asList((@Nullable Object[]) array).iterator(), depth);
    };
  }

  /** Makes an item from its index. */
  @FunctionalInterface
  private interface Maker {
    long make(int index);
  }

  /** Nothing of Python runs before all slots are filled. */
  private static long list(int length, Maker maker) {
    long list = ContainerApi.newList(length);
    for (int i = 0; list != 0 && i < length; i++) {
      long item = maker.make(i);
      if (item == 0) {
        ObjectApi.decRef(list);
        return 0;
      }
      ContainerApi.setListItem(list, i, item);
    }
    return list;
  }

  private static long truth(boolean value) {
    long object = value ? ObjectApi.TRUE : ObjectApi.FALSE;
    ObjectApi.incRef(object);
    return object;
  }

  static @Nullable Object toJava(Interpreter interpreter, long object, Type component, int depth) {
    if (object == ObjectApi.NONE) {
      return null;
    }
    Conversions.checkDepth(depth, "a Python container");
    if (component == char.class && ObjectApi.is(object, UnicodeApi.TYPE)) {
      return UnicodeApi.toString(object).toCharArray();
    }
    Object copied = Buffers.copy(object, component);
    if (copied != null) {
      return copied;
    }
    List<@Nullable Object> items = new ArrayList<>();
    Containers.forEach(
        interpreter,
        object,
        Types.arrayOf(component),
        item -> items.add(Conversions.toJava(interpreter, item, component, depth + 1)));
    Object array = Array.newInstance(Types.raw(component), items.size());
    for (int i = 0; i < items.size(); i++) {
      set(array, i, items.get(i));
    }
    return array;
  }

  /** As Array.set, which is slow, for the types that arrays are long of. */
  private static void set(Object array, int index, @Nullable Object item) {
    switch (array) {
      case int[] numbers when item instanceof Integer number -> numbers[index] = number;
      case long[] numbers when item instanceof Long number -> numbers[index] = number;
      case double[] numbers when item instanceof Double number -> numbers[index] = number;
      default -> Array.set(array, index, item);
    }
  }
}
