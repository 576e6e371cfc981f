package dev.sluice.python.exposed;

import dev.sluice.python.PyObject;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.lang.reflect.Array;
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
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Python's containers as arguments for Java's, on an attached thread; each item is converted as an
 * argument of the elements' type is.
 *
 * <p>They are copied. Only an Iterator, a Stream, and an Iterable of something that is no list,
 * tuple or set are read as Java uses them: see {@link Steps}.
 */
final class Elements {
  /** As deep as containers may nest: beyond that one contains itself. */
  private static final int DEEPEST = 200;

  private final Arguments arguments;
  private final Crossing crossing;

  Elements(Arguments arguments, Crossing crossing) {
    this.arguments = arguments;
    this.crossing = crossing;
  }

  /** What a parameter holds. */
  enum Kind {
    OPTIONAL,
    LIST,
    SET,
    MAP,
    LAZY,
    ARRAY,
    OTHER;

    static Kind of(Class<?> type) {
      if (type.isArray()) {
        return ARRAY;
      }
      if (type == Optional.class) {
        return OPTIONAL;
      }
      if (type == Iterator.class || type == Stream.class) {
        return LAZY;
      }
      if (takes(Iterable.class, type, ArrayList.class)) {
        return LIST;
      }
      if (takes(Set.class, type, LinkedHashSet.class)) {
        return SET;
      }
      return takes(Map.class, type, LinkedHashMap.class) ? MAP : OTHER;
    }

    private static boolean takes(Class<?> above, Class<?> type, Class<?> made) {
      return above.isAssignableFrom(type) && type.isAssignableFrom(made);
    }
  }

  /** The value for a parameter of any kind but OTHER, and but arrays of primitives. */
  Object read(int position, long object, Type type, int depth) {
    if (depth > DEEPEST) {
      throw Refused.type(
          position, "it is nested more than %d levels deep, or contains itself".formatted(DEEPEST));
    }
    Class<?> raw = Generics.raw(type);
    Type element = raw.isArray() ? Generics.component(type) : Generics.argument(type, 0);
    return switch (Kind.of(raw)) {
      case OPTIONAL ->
          Optional.<Object>ofNullable(arguments.element(position, object, element, depth));
      case MAP -> map(position, object, type, depth);
      case SET -> all(position, object, type, element, depth, new LinkedHashSet<>());
      case LAZY -> {
        Iterator<@Nullable Object> steps =
            steps(position, iterator(position, object, type), element);
        yield raw == Iterator.class
            ? steps
            : StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(steps, Spliterator.ORDERED), false);
      }
      case ARRAY -> array(position, object, type, element, depth);
      default ->
          raw == Iterable.class && !isStored(object)
              ? iterable(position, object, type, element)
              : all(position, object, type, element, depth, new ArrayList<>());
    };
  }

  /** The value of a list, tuple, set or dict where Java takes any object; null for others. */
  @Nullable Object natural(int position, long object, int depth) {
    if (ObjectApi.is(object, ContainerApi.DICT_TYPE)) {
      return read(position, object, Map.class, depth);
    }
    if (isSet(object)) {
      return read(position, object, Set.class, depth);
    }
    return isSequence(object) ? read(position, object, List.class, depth) : null;
  }

  static boolean isSequence(long object) {
    return ObjectApi.is(object, ContainerApi.LIST_TYPE)
        || ObjectApi.is(object, ContainerApi.TUPLE_TYPE);
  }

  static boolean isSet(long object) {
    return ObjectApi.is(object, ContainerApi.SET_TYPE)
        || ObjectApi.is(object, ContainerApi.FROZENSET_TYPE);
  }

  private static boolean isStored(long object) {
    return isSequence(object) || isSet(object);
  }

  /** What is iterable in Python, but hardly meant so. */
  static boolean isNoList(long object) {
    return ObjectApi.is(object, UnicodeApi.TYPE)
        || ObjectApi.is(object, BytesApi.TYPE)
        || ObjectApi.is(object, ContainerApi.DICT_TYPE);
  }

  private Collection<@Nullable Object> all(
      int position,
      long object,
      Type type,
      Type element,
      int depth,
      Collection<@Nullable Object> into) {
    long iterator = iterator(position, object, type);
    try {
      while (next(iterator, position, element, depth + 1, into::add)) {}
    } finally {
      ObjectApi.decRef(iterator);
    }
    return into;
  }

  private Object array(int position, long object, Type type, Type component, int depth) {
    Collection<@Nullable Object> items =
        all(position, object, type, component, depth, new ArrayList<>());
    Object array = Array.newInstance(Generics.raw(component), items.size());
    int index = 0;
    for (Object item : items) {
      Array.set(array, index++, item);
    }
    return array;
  }

  private Map<@Nullable Object, @Nullable Object> map(
      int position, long object, Type type, int depth) {
    if (!arguments.isMapping(object)) {
      throw Arguments.refused(position, object, type);
    }
    long items = ContainerApi.items(object);
    if (items == 0) {
      throw crossing.raised();
    }
    try {
      Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
      Type key = Generics.argument(type, 0);
      Type value = Generics.argument(type, 1);
      for (long i = 0; i < ContainerApi.size(items); i++) {
        long pair = ContainerApi.listItem(items, i);
        if (!ObjectApi.is(pair, ContainerApi.TUPLE_TYPE) || ContainerApi.size(pair) != 2) {
          throw Arguments.refused(position, object, type);
        }
        Object known = arguments.element(position, ContainerApi.tupleItem(pair, 0), key, depth + 1);
        map.put(
            known, arguments.element(position, ContainerApi.tupleItem(pair, 1), value, depth + 1));
        if (map.size() <= i) {
          throw Refused.type(
              position,
              "two of its keys are one in Java: %s as %s".formatted(known, key.getTypeName()));
        }
      }
      return map;
    } finally {
      ObjectApi.decRef(items);
    }
  }

  /** A new reference to an iterator over the object. */
  private long iterator(int position, long object, Type type) {
    long iterator = isNoList(object) ? 0 : ObjectApi.getIter(object);
    if (iterator == 0) {
      if (ErrorApi.occurred()) {
        if (!ErrorApi.matches(ErrorApi.Types.TYPE_ERROR)) {
          throw crossing.raised();
        }
        ErrorApi.clear();
      }
      throw Arguments.refused(position, object, type);
    }
    return iterator;
  }

  /** Uses the value of the next item, if there is one. */
  boolean next(long iterator, int position, Type type, int depth, Consumer<@Nullable Object> use) {
    long item = ObjectApi.next(iterator);
    if (item == 0) {
      if (ErrorApi.occurred()) {
        throw crossing.raised();
      }
      return false;
    }
    try {
      use.accept(arguments.element(position, item, type, depth));
      return true;
    } finally {
      ObjectApi.decRef(item);
    }
  }

  /** Takes the reference. */
  private Iterator<@Nullable Object> steps(int position, long iterator, Type element) {
    PyObject wrapped = crossing.wrap(iterator);
    ObjectApi.decRef(iterator);
    return new Steps(crossing, this, position, element, wrapped);
  }

  /** The first iterator is made at once: what is not iterable is refused now. */
  private Iterable<@Nullable Object> iterable(int position, long object, Type type, Type element) {
    PyObject iterable = crossing.wrap(object);
    return new Iterable<>() {
      private @Nullable Iterator<@Nullable Object> first =
          steps(position, Elements.this.iterator(position, object, type), element);

      @Override
      public Iterator<@Nullable Object> iterator() {
        Iterator<@Nullable Object> known = first;
        first = null;
        return known != null
            ? known
            : crossing.attached(
                () -> steps(position, ObjectApi.getIter(iterable.address()), element));
      }
    };
  }
}
