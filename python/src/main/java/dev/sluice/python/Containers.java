package dev.sluice.python;

import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Containers that cross, by value, on an attached thread; None in one is null.
 *
 * <p>A list is read from anything iterable but str, bytes and dict, which are more likely a
 * mistake. Iterators and streams are lazy: they read on, attached, as they are used.
 */
final class Containers {
  private static final Set<Class<?>> ALL =
      Set.of(
          List.class,
          Collection.class,
          Iterable.class,
          Set.class,
          Map.class,
          Optional.class,
          Iterator.class,
          Stream.class);

  private Containers() {}

  static boolean isOne(Class<?> type) {
    return ALL.contains(type);
  }

  static long list(Interpreter interpreter, Iterator<?> items, int depth) {
    Conversions.checkDepth(depth, "a Java collection");
    long list = ContainerApi.newList();
    if (list == 0) {
      return 0;
    }
    boolean done = false;
    try {
      while (items.hasNext()) {
        long item = Conversions.toPython(interpreter, items.next(), depth + 1);
        int result = item == 0 ? -1 : ContainerApi.append(list, item);
        ObjectApi.decRef(item);
        if (result < 0) {
          return 0;
        }
      }
      done = true;
      return list;
    } finally {
      if (!done) {
        ObjectApi.decRef(list);
      }
    }
  }

  static long set(Interpreter interpreter, Set<?> items, int depth) {
    Conversions.checkDepth(depth, "a Java collection");
    long set = ContainerApi.newSet();
    if (set == 0) {
      return 0;
    }
    boolean done = false;
    try {
      long count = 0;
      for (Object element : items) {
        count++;
        long item = Conversions.toPython(interpreter, element, depth + 1);
        int result = item == 0 ? -1 : ContainerApi.addToSet(set, item);
        ObjectApi.decRef(item);
        if (result < 0) {
          return 0;
        }
      }
      SameKeys.check(interpreter, set, items, count, "set");
      done = true;
      return set;
    } finally {
      if (!done) {
        ObjectApi.decRef(set);
      }
    }
  }

  static long dict(Interpreter interpreter, Map<?, ?> map, int depth) {
    Conversions.checkDepth(depth, "a Java collection");
    long dict = ContainerApi.newDict();
    if (dict == 0) {
      return 0;
    }
    boolean done = false;
    try {
      long count = 0;
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        count++;
        if (!put(interpreter, dict, entry, depth)) {
          return 0;
        }
      }
      SameKeys.check(interpreter, dict, map.keySet(), count, "map's keys");
      done = true;
      return dict;
    } finally {
      if (!done) {
        ObjectApi.decRef(dict);
      }
    }
  }

  private static boolean put(Interpreter interpreter, long dict, Map.Entry<?, ?> entry, int depth) {
    long key = Conversions.toPython(interpreter, entry.getKey(), depth + 1);
    if (key == 0) {
      return false;
    }
    try {
      long value = Conversions.toPython(interpreter, entry.getValue(), depth + 1);
      int result = value == 0 ? -1 : ContainerApi.setDictItem(dict, key, value);
      ObjectApi.decRef(value);
      return result == 0;
    } finally {
      ObjectApi.decRef(key);
    }
  }

  static @Nullable Object toJava(
      Interpreter interpreter, long object, ParameterizedType type, int depth) {
    Class<?> raw = (Class<?>) type.getRawType();
    if (!isOne(raw)) {
      return Conversions.toJava(interpreter, object, raw, depth);
    }
    return toJava(interpreter, object, raw, type.getActualTypeArguments(), depth);
  }

  /** Without type arguments, the elements are what {@link Scalars#natural} says. */
  static @Nullable Object toJava(Interpreter interpreter, long object, Class<?> type, int depth) {
    return toJava(interpreter, object, type, new Type[] {Object.class, Object.class}, depth);
  }

  private static @Nullable Object toJava(
      Interpreter interpreter, long object, Class<?> type, Type[] elements, int depth) {
    if (type == Optional.class) {
      return Optional.ofNullable(Conversions.toJava(interpreter, object, elements[0], depth));
    }
    if (object == ObjectApi.NONE) {
      return null;
    }
    Conversions.checkDepth(depth, "a Python container");
    if (type == Map.class) {
      return map(interpreter, object, elements[0], elements[1], depth);
    }
    if (type == Iterator.class || type == Stream.class) {
      ObjectApi.incRef(object);
      Items items = Items.of(interpreter.own(object));
      return type == Iterator.class ? items.as(elements[0]) : items.stream(elements[0]);
    }
    Collection<@Nullable Object> all =
        type == Set.class ? new LinkedHashSet<>() : new ArrayList<>();
    forEach(
        interpreter,
        object,
        type,
        item -> all.add(Conversions.toJava(interpreter, item, elements[0], depth + 1)));
    return all;
  }

  private static Map<@Nullable Object, @Nullable Object> map(
      Interpreter interpreter, long object, Type key, Type value, int depth) {
    if (!ContainerApi.isMapping(object)
        || ObjectApi.is(object, ContainerApi.LIST_TYPE)
        || ObjectApi.is(object, ContainerApi.TUPLE_TYPE)
        || isText(object)) {
      throw Conversions.noValue(object, Map.class);
    }
    long items = Calls.orThrow(interpreter, ContainerApi.items(object));
    try {
      Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
      for (long i = 0; i < ContainerApi.size(items); i++) {
        long pair = ContainerApi.listItem(items, i);
        if (!ObjectApi.is(pair, ContainerApi.TUPLE_TYPE) || ContainerApi.size(pair) != 2) {
          throw Conversions.noValue(object, Map.class);
        }
        Object known =
            Conversions.toJava(interpreter, ContainerApi.tupleItem(pair, 0), key, depth + 1);
        map.put(
            known,
            Conversions.toJava(interpreter, ContainerApi.tupleItem(pair, 1), value, depth + 1));
        if (map.size() <= i) {
          throw new IllegalArgumentException(
              "two keys of a Python dict are one in Java: %s as %s"
                  .formatted(known, key.getTypeName()));
        }
      }
      return map;
    } finally {
      ObjectApi.decRef(items);
    }
  }

  /** Items of an iterable, each kept alive while it is used. */
  @FunctionalInterface
  interface ItemUse {
    void use(long item);
  }

  /** Uses all items of an iterable that is no text and no dict. */
  static void forEach(Interpreter interpreter, long object, Type wanted, ItemUse use) {
    if (isText(object) || ObjectApi.is(object, ContainerApi.DICT_TYPE)) {
      throw Conversions.noValue(object, wanted);
    }
    if (ObjectApi.type(object) == ContainerApi.LIST_TYPE) {
      forEachInList(object, use);
      return;
    }
    long iterator = ObjectApi.getIter(object);
    if (iterator == 0) {
      if (!ErrorApi.matches(ErrorApi.Types.TYPE_ERROR)) {
        throw PythonException.take(interpreter);
      }
      ErrorApi.clear();
      throw Conversions.noValue(object, wanted);
    }
    try {
      long item;
      while ((item = ObjectApi.next(iterator)) != 0) {
        try {
          use.use(item);
        } finally {
          ObjectApi.decRef(item);
        }
      }
    } finally {
      ObjectApi.decRef(iterator);
    }
    if (ErrorApi.occurred()) {
      throw PythonException.take(interpreter);
    }
  }

  /** The list may change while its items are used. */
  private static void forEachInList(long list, ItemUse use) {
    for (long i = 0; i < ContainerApi.size(list); i++) {
      long item = ContainerApi.listItem(list, i);
      ObjectApi.incRef(item);
      try {
        use.use(item);
      } finally {
        ObjectApi.decRef(item);
      }
    }
  }

  private static boolean isText(long object) {
    return ObjectApi.is(object, UnicodeApi.TYPE) || ObjectApi.is(object, BytesApi.TYPE);
  }
}
