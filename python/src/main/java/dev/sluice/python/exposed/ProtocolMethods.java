package dev.sluice.python.exposed;

import dev.sluice.python.PyObject;
import dev.sluice.python.capi.ErrorApi;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/**
 * What Python's special methods do to Java objects; as other Java code that Python calls, on any
 * thread. {@link Protocols} says which class has which.
 */
@SuppressWarnings("unused") // found by their names
final class ProtocolMethods {
  private ProtocolMethods() {}

  static Object equal(Object self, @Nullable Object other) {
    if (self.equals(other)) {
      return true;
    }
    return isPythons(other) ? Results.Unsupported.NOT_IMPLEMENTED : (Object) false;
  }

  private static boolean isPythons(@Nullable Object value) {
    return value instanceof PyObject
        || value instanceof String
        || value instanceof Number
        || value instanceof Boolean
        || value instanceof byte[];
  }

  /** Of an integer's box: as Python's ints compare. */
  static Object equalInteger(Number self, @Nullable Object other) {
    return switch (other) {
      case Integer number -> self.longValue() == number;
      case Long number -> self.longValue() == number;
      case Short number -> self.longValue() == number;
      case Byte number -> self.longValue() == number;
      case null, default -> Results.Unsupported.NOT_IMPLEMENTED;
    };
  }

  /** What Python's int of that value has; {@code hash()} itself makes -2 of -1. */
  static long hashInteger(Number self) {
    return self.longValue() % ((1L << 61) - 1);
  }

  static int hash(Object self) {
    return self.hashCode();
  }

  static String text(Object self) {
    return String.valueOf(self);
  }

  static String account(Object self) {
    return "<%s %s>".formatted(self.getClass().getTypeName(), self);
  }

  static String message(Throwable self) {
    String message = self.getLocalizedMessage();
    return message == null ? "" : message;
  }

  static String throwableAccount(Throwable self) {
    String message = self.getLocalizedMessage();
    String type = self.getClass().getName();
    return message == null ? type + "()" : type + "('" + message + "')";
  }

  static Iterator<?> iterate(Iterable<?> self) {
    return self.iterator();
  }

  static Iterator<?> iterateStream(BaseStream<?, ?> self) {
    return self.iterator();
  }

  static Iterator<?> iterateEnumeration(Enumeration<?> self) {
    return self.asIterator();
  }

  static Iterator<?> iterateKeys(Map<?, ?> self) {
    return self.keySet().iterator();
  }

  static Iterator<?> iterateEntry(Map.Entry<?, ?> self) {
    List<@Nullable Object> both = new ArrayList<>(2);
    both.add(self.getKey());
    both.add(self.getValue());
    return both.iterator();
  }

  static Iterator<?> same(Iterator<?> self) {
    return self;
  }

  static @Nullable Object next(Iterator<?> self) {
    if (!self.hasNext()) {
      throw new PythonRaise(ErrorApi.Types.STOP_ITERATION, "");
    }
    return self.next();
  }

  static int size(Collection<?> self) {
    return self.size();
  }

  static boolean has(Collection<?> self, @Nullable Object item) {
    return holds(self::contains, item)
        || Forms.of(item).stream().skip(1).anyMatch(form -> holds(self::contains, form));
  }

  static int mapSize(Map<?, ?> self) {
    return self.size();
  }

  static boolean hasKey(Map<?, ?> self, @Nullable Object key) {
    return key(self, key).isPresent();
  }

  private static boolean holds(Predicate<@Nullable Object> contents, @Nullable Object value) {
    try {
      return contents.test(value);
    } catch (ClassCastException | NullPointerException e) {
      return false; // as collections may say of what they can never hold
    }
  }

  /** The key that a map has of those that are the same in Python. */
  private static Optional<Forms.Form> key(Map<?, ?> self, @Nullable Object key) {
    if (holds(self::containsKey, key)) {
      return Optional.of(new Forms.Form(key));
    }
    return Forms.of(key).stream()
        .skip(1)
        .filter(form -> holds(self::containsKey, form))
        .map(Forms.Form::new)
        .findFirst();
  }

  private static @Nullable Object required(Map<?, ?> self, @Nullable Object key) {
    return key(self, key)
        .orElseThrow(() -> new PythonRaise(ErrorApi.Types.KEY_ERROR, String.valueOf(key)))
        .value();
  }

  static @Nullable Object value(Map<?, ?> self, @Nullable Object key) {
    return self.get(required(self, key));
  }

  static void putValue(Map<Object, Object> self, Object key, Object value) {
    self.put(key(self, key).map(Forms.Form::value).orElse(key), value);
  }

  static void removeKey(Map<?, ?> self, @Nullable Object key) {
    self.remove(required(self, key));
  }

  static @Nullable Object get(Map<?, ?> self, @Nullable Object key) {
    return getOr(self, key, null);
  }

  static @Nullable Object getOr(Map<?, ?> self, @Nullable Object key, @Nullable Object orElse) {
    Optional<Forms.Form> known = key(self, key);
    if (known.isPresent()) {
      return self.get(known.get().value());
    }
    try {
      // Some maps make what they do not have.
      Object made = self.get(key);
      return made == null ? orElse : made;
    } catch (ClassCastException e) {
      return orElse;
    }
  }

  private static int checked(long index, int size) {
    long at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) {
      throw new PythonRaise(
          ErrorApi.Types.INDEX_ERROR, "index %d, but %d items".formatted(index, size));
    }
    return (int) at;
  }

  static @Nullable Object item(List<?> self, long index) {
    return self.get(checked(index, self.size()));
  }

  static void setItem(List<Object> self, long index, Object value) {
    self.set(checked(index, self.size()), value);
  }

  static void removeItem(List<?> self, long index) {
    self.remove(checked(index, self.size()));
  }

  /** A copy, as Python's lists give; the GIL stays, for the slice is Python's. */
  static List<Object> slice(List<?> self, PyObject slice) {
    int[] bounds = bounds(slice, self.size());
    List<Object> items = new ArrayList<>(bounds[3]);
    for (int i = 0, at = bounds[0]; i < bounds[3]; i++, at += bounds[2]) {
      items.add(self.get(at));
    }
    return items;
  }

  /** The same of an array. */
  static Object sliceArray(Object self, PyObject slice) {
    int[] bounds = bounds(slice, Array.getLength(self));
    Object items = Array.newInstance(self.getClass().getComponentType(), bounds[3]);
    for (int i = 0, at = bounds[0]; i < bounds[3]; i++, at += bounds[2]) {
      Array.set(items, i, Array.get(self, at));
    }
    return items;
  }

  /** Start, end, step and number of items. */
  private static int[] bounds(PyObject slice, int size) {
    if (!"slice".equals(slice.attr("__class__").attr("__name__").as(String.class))) {
      throw PythonRaise.type("an index is an int or a slice");
    }
    try (PyObject indices = slice.callMethod("indices", size)) {
      int start = indices.item(0).as(Integer.class);
      int end = indices.item(1).as(Integer.class);
      int step = indices.item(2).as(Integer.class);
      int span = step > 0 ? end - start + step - 1 : end - start + step + 1;
      return new int[] {start, end, step, Math.max(0, span / step)};
    }
  }

  static int length(Object self) {
    return Array.getLength(self);
  }

  static @Nullable Object element(Object self, long index) {
    return Array.get(self, checked(index, Array.getLength(self)));
  }

  static void setElement(Object self, long index, @Nullable Object value) {
    Class<?> component = self.getClass().getComponentType();
    Object fitting = value;
    if (value instanceof Number number && component.isPrimitive()) {
      fitting = Fitting.number(number, component);
    } else if (value instanceof String text && component == char.class && text.length() == 1) {
      fitting = text.charAt(0);
    }
    try {
      Array.set(self, checked(index, Array.getLength(self)), fitting);
    } catch (IllegalArgumentException | NullPointerException e) {
      throw PythonRaise.type("the value does not fit into a " + self.getClass().getTypeName());
    }
  }

  static Iterator<?> iterateArray(Object self) {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < Array.getLength(self);
      }

      @Override
      public @Nullable Object next() {
        if (!hasNext()) {
          throw new java.util.NoSuchElementException();
        }
        return Array.get(self, next++);
      }
    };
  }

  static AutoCloseable enter(AutoCloseable self) {
    return self;
  }

  static boolean exit(
      AutoCloseable self,
      @Nullable Object type,
      @Nullable Object exception,
      @Nullable Object traceback)
      throws Exception {
    self.close();
    return false;
  }

  static Object less(Comparable<Object> self, Object other) {
    return compared(self, other, -1, -1);
  }

  static Object lessOrEqual(Comparable<Object> self, Object other) {
    return compared(self, other, -1, 0);
  }

  static Object greater(Comparable<Object> self, Object other) {
    return compared(self, other, 1, 1);
  }

  static Object greaterOrEqual(Comparable<Object> self, Object other) {
    return compared(self, other, 0, 1);
  }

  private static Object compared(Comparable<Object> self, Object other, int wanted, int orElse) {
    try {
      int order = Integer.signum(self.compareTo(other));
      return order == wanted || order == orElse;
    } catch (ClassCastException e) {
      return Results.Unsupported.NOT_IMPLEMENTED;
    }
  }

  static int textLength(CharSequence self) {
    return self.length();
  }

  static Object whole(Number self) {
    return switch (self) {
      case BigInteger number -> number;
      case BigDecimal number -> number.toBigInteger();
      default -> self.longValue();
    };
  }

  static double fraction(Number self) {
    return self.doubleValue();
  }
}
