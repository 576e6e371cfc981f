package dev.sluice.python.exposed;

import static dev.sluice.python.exposed.Elements.Kind.ARRAY;
import static dev.sluice.python.exposed.Elements.Kind.LAZY;
import static dev.sluice.python.exposed.Elements.Kind.LIST;
import static dev.sluice.python.exposed.Elements.Kind.SET;

import dev.sluice.python.PyFunction;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.BufferApi;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.ScalarApi;
import dev.sluice.python.capi.UnicodeApi;
import java.lang.invoke.MethodType;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * How well the arguments of one call fit to parameters: 0 is an exact fit, more is worse.
 *
 * <p>A number fits to the smallest type of at least int that holds it, then to larger ones, and to
 * one that would lose digits only after Object. An object fits to its own class, and then to those
 * above it, the nearer the better; a function to an interface that gives a value before one that
 * gives none; a list to a List before an array, if its items fit. Object comes after all of these.
 */
final class Costs {
  private static final int NOT = -1;
  private static final int CALLED = 100;
  private static final int ABOVE = 400;
  private static final int PYTHONS_OWN = 450;
  private static final int CONTAINER = 1000;
  private static final int BY_VALUE = 3000;
  private static final int STANDING = 4000;
  private static final int AS_OBJECT = 5000;
  private static final int AS_PYTHON = 6000;
  private static final int LOSSY = 7000;

  /** How much worse the next kind of container is; the items count for less. */
  private static final int NEXT_KIND = 100;

  /** As deep as items of items are looked at. */
  private static final int DEEPEST = 8;

  /** For int arguments: what is not listed does not fit. */
  private static final Map<String, Integer> OF_INT =
      Map.ofEntries(
          Map.entry("int", 0),
          Map.entry("long", 1),
          Map.entry("java.lang.Integer", 2),
          Map.entry("java.lang.Long", 3),
          Map.entry("java.math.BigInteger", 5),
          Map.entry("double", 8),
          Map.entry("float", 9),
          Map.entry("short", 12),
          Map.entry("byte", 13),
          Map.entry("java.lang.Double", 14),
          Map.entry("java.lang.Float", 15),
          Map.entry("java.lang.Short", 16),
          Map.entry("java.lang.Byte", 17),
          Map.entry("java.math.BigDecimal", 18));

  /** How many bits of an int a type holds, the sign not counted. */
  private static final Map<String, Integer> BITS =
      Map.ofEntries(
          Map.entry("byte", 7),
          Map.entry("java.lang.Byte", 7),
          Map.entry("short", 15),
          Map.entry("java.lang.Short", 15),
          Map.entry("int", 31),
          Map.entry("java.lang.Integer", 31),
          Map.entry("long", 63),
          Map.entry("java.lang.Long", 63),
          Map.entry("float", 24),
          Map.entry("java.lang.Float", 24),
          Map.entry("double", 53),
          Map.entry("java.lang.Double", 53));

  private static final Map<String, Integer> OF_FLOAT =
      Map.of("double", 0, "float", 1, "java.lang.Double", 2, "java.lang.Float", 3);

  /** The kinds of containers, the best first: for lists and tuples, for sets, for iterators. */
  private static final List<Elements.Kind> FOR_LISTS = List.of(LIST, LAZY, SET, ARRAY);

  private static final List<Elements.Kind> FOR_SETS = List.of(SET, LIST, LAZY, ARRAY);
  private static final List<Elements.Kind> FOR_ITERATORS = List.of(LAZY, LIST, SET, ARRAY);

  private static final List<Class<?>> WIDENING =
      List.of(byte.class, short.class, int.class, long.class, float.class, double.class);

  private final Arguments arguments;
  private final long[] given;
  private final @Nullable Object[] exposed;

  Costs(Arguments arguments, long vector, int count) {
    this.arguments = arguments;
    this.given = new long[count];
    this.exposed = new Object[count];
    for (int i = 0; i < count; i++) {
      given[i] = Memory.getLong(vector + 8L * i);
      exposed[i] = arguments.exposed(given[i]);
    }
  }

  /** The cost of each argument; null if one does not fit. */
  int @Nullable [] of(IntFunction<Type> parameters) {
    int[] costs = new int[given.length];
    for (int i = 0; i < costs.length; i++) {
      costs[i] = cost(given[i], exposed[i], parameters.apply(i), 0);
      if (costs[i] == NOT) {
        return null;
      }
    }
    return costs;
  }

  private int cost(long object, @Nullable Object java, Type type, int depth) {
    Class<?> parameter = Generics.raw(type);
    if (object == ObjectApi.NONE) {
      return ofNone(parameter);
    }
    if (Optionals.isOne(parameter) && !parameter.isInstance(java)) {
      Class<?> number = Optionals.number(parameter);
      Type item = number == null ? Generics.argument(type, 0) : number;
      int cost = cost(object, java, item, depth + 1);
      return cost == NOT ? NOT : cost + 1;
    }
    if (java != null) {
      return ofJava(object, java, parameter);
    }
    if (object == ObjectApi.TRUE || object == ObjectApi.FALSE) {
      return ofTruth(parameter);
    }
    if (ObjectApi.is(object, NumberApi.LONG_TYPE)) {
      return ofInt(object, parameter);
    }
    if (ObjectApi.is(object, NumberApi.FLOAT_TYPE)) {
      return ofFloat(object, parameter);
    }
    if (ObjectApi.is(object, UnicodeApi.TYPE)) {
      return ofText(object, parameter);
    }
    if (ObjectApi.is(object, BytesApi.TYPE)) {
      return Lender.isLent(parameter)
          ? 1
          : parameter == byte[].class ? 0 : general(object, parameter, byte[].class);
    }
    return ofPython(object, type, parameter, depth);
  }

  /** An array is what None is meant for least: so few methods take it. */
  private static int ofNone(Class<?> parameter) {
    return parameter.isPrimitive() ? NOT : parameter.isArray() ? 2 : 1;
  }

  private int ofJava(long object, Object java, Class<?> parameter) {
    if (parameter.isInstance(java)) {
      return distance(java.getClass(), parameter);
    }
    if (parameter.isPrimitive()) {
      Class<?> own = MethodType.methodType(java.getClass()).unwrap().returnType();
      int steps = WIDENING.indexOf(parameter) - WIDENING.indexOf(own);
      return own == parameter ? 1 : WIDENING.contains(own) && steps > 0 ? 1 + steps : NOT;
    }
    return parameter == PyObject.class ? AS_PYTHON : ofInterface(object, parameter);
  }

  private int ofTruth(Class<?> parameter) {
    if (parameter == boolean.class) {
      return 0;
    }
    if (parameter == Boolean.class) {
      return 1;
    }
    int cost = parameter.isPrimitive() ? OF_INT.getOrDefault(parameter.getName(), NOT) : NOT;
    return cost != NOT ? 20 + cost : general(ObjectApi.TRUE, parameter, Boolean.class);
  }

  private int ofInt(long object, Class<?> parameter) {
    int bits = arguments.bits(object);
    int cost = OF_INT.getOrDefault(parameter.getName(), NOT);
    if (cost == NOT) {
      Class<?> own = bits <= 31 ? Integer.class : bits <= 63 ? Long.class : BigInteger.class;
      return general(object, parameter, own);
    }
    if (bits <= BITS.getOrDefault(parameter.getName(), Integer.MAX_VALUE)) {
      return cost;
    }
    boolean isRounded = OF_FLOAT.containsKey(parameter.getName());
    return isRounded ? LOSSY + cost : NOT;
  }

  private int ofFloat(long object, Class<?> parameter) {
    int cost = OF_FLOAT.getOrDefault(parameter.getName(), NOT);
    if (cost == NOT) {
      return general(object, parameter, Double.class);
    }
    double value = ScalarApi.asDouble(object);
    boolean isTooLarge =
        cost % 2 == 1 && Float.isInfinite((float) value) && !Double.isInfinite(value);
    return isTooLarge ? NOT : cost;
  }

  private int ofText(long object, Class<?> parameter) {
    if (parameter == String.class) {
      return 0;
    }
    if (parameter == char.class || parameter == Character.class) {
      return UnicodeApi.length(object) == 1 ? 5 : NOT;
    }
    if (parameter == CharSequence.class) {
      return 2;
    }
    if (parameter == char[].class || parameter == Path.class) {
      return BY_VALUE;
    }
    if (parameter.isEnum()) {
      return arguments.hasValue(object, parameter) ? BY_VALUE : NOT;
    }
    return general(object, parameter, String.class);
  }

  /** A value that has a Java type of its own, for a parameter that is not made for it. */
  private int general(long object, Class<?> parameter, Class<?> own) {
    if (parameter == Object.class) {
      return AS_OBJECT;
    }
    if (parameter.isAssignableFrom(own)) {
      return ABOVE;
    }
    return parameter == PyObject.class ? AS_PYTHON : ofInterface(object, parameter);
  }

  /** An object that has no Java type of its own: a function, a list, or anything. */
  private int ofPython(long object, Type type, Class<?> parameter, int depth) {
    if (parameter.isPrimitive()) {
      boolean isIndex = NumberApi.isIndex(object) && WIDENING.contains(parameter);
      return isIndex ? 30 + WIDENING.indexOf(parameter) : NOT;
    }
    if (parameter == PyObject.class) {
      return PYTHONS_OWN;
    }
    if (parameter == Object.class) {
      return AS_OBJECT;
    }
    if (Lender.isLent(parameter)) {
      // Better than a copy, of which nobody would see what Java writes to it.
      return BufferApi.isBuffer(object) ? 0 : NOT;
    }
    Elements.Kind kind = Elements.Kind.of(parameter);
    if (kind != Elements.Kind.OTHER) {
      int cost = ofContainer(object, kind, parameter);
      int items = cost == NOT ? NOT : ofItems(object, type, depth);
      return items == NOT ? NOT : cost + Math.min(items, NEXT_KIND - 1);
    }
    if (parameter.isInterface() && parameter != Path.class) {
      return ofInterface(object, parameter);
    }
    if (parameter == PyFunction.class) {
      return ObjectApi.isCallable(object) ? PYTHONS_OWN : NOT;
    }
    return arguments.hasValue(object, parameter) ? BY_VALUE : NOT;
  }

  private int ofInterface(long object, Class<?> parameter) {
    if (!parameter.isInterface() || Elements.Kind.of(parameter) != Elements.Kind.OTHER) {
      return NOT;
    }
    Functional functional = Functional.of(parameter);
    int rank = functional == null ? 0 : functional.rank();
    if (functional != null && ObjectApi.isCallable(object)) {
      boolean isTaken = functional.count() < 0 || arguments.takes(object, functional.count());
      return isTaken ? CALLED + rank : NOT;
    }
    return arguments.canBe(object, parameter) ? STANDING + rank : NOT;
  }

  /** How well the kind fits, whatever is inside. */
  private int ofContainer(long object, Elements.Kind kind, Class<?> parameter) {
    if (kind == Elements.Kind.MAP) {
      return arguments.isMapping(object) ? CONTAINER : NOT;
    }
    if (Elements.isSequence(object)) {
      return CONTAINER + NEXT_KIND * FOR_LISTS.indexOf(kind);
    }
    if (Elements.isSet(object)) {
      return CONTAINER + NEXT_KIND * FOR_SETS.indexOf(kind);
    }
    if (ObjectApi.is(object, BytesApi.ARRAY_TYPE)) {
      return parameter == byte[].class ? 1 : NOT;
    }
    if (Elements.isNoList(object) || !arguments.isIterable(object)) {
      return NOT;
    }
    // What is read as it comes is best read as it comes.
    return parameter == Iterable.class
        ? CONTAINER + 1
        : CONTAINER + NEXT_KIND * FOR_ITERATORS.indexOf(kind);
  }

  /** The worst cost of an item of a list or tuple; 0 for others, which are not looked into. */
  private int ofItems(long object, Type type, int depth) {
    Class<?> parameter = Generics.raw(type);
    Type item = parameter.isArray() ? Generics.component(type) : Generics.argument(type, 0);
    if (!Elements.isSequence(object) || depth == DEEPEST) {
      return 0;
    }
    boolean isList = ObjectApi.is(object, ContainerApi.LIST_TYPE);
    int worst = 0;
    // Looking at an item may run Python code, which may change the list.
    for (long i = 0; i < ContainerApi.size(object); i++) {
      long each = isList ? ContainerApi.listItem(object, i) : ContainerApi.tupleItem(object, i);
      ObjectApi.incRef(each);
      try {
        int cost = cost(each, arguments.exposed(each), item, depth + 1);
        if (cost == NOT) {
          return NOT;
        }
        worst = Math.max(worst, cost);
      } finally {
        ObjectApi.decRef(each);
      }
    }
    return worst;
  }

  /** How many steps a class is from one above it. */
  private static int distance(Class<?> from, Class<?> to) {
    if (to == Object.class) {
      return AS_OBJECT;
    }
    int steps = 0;
    for (Class<?> type = from; type != null && type != to; type = type.getSuperclass()) {
      if (steps < 39) {
        steps++;
      }
    }
    return to.isInterface() ? 39 : steps;
  }

  /** Negative if the first type is below the second, positive if above, else 0. */
  static int moreSpecific(Class<?> a, Class<?> b) {
    if (a == b) {
      return 0;
    }
    if (a.isPrimitive() && b.isPrimitive()) {
      return Integer.compare(WIDENING.indexOf(a), WIDENING.indexOf(b));
    }
    if (b.isAssignableFrom(a)) {
      return -1;
    }
    return a.isAssignableFrom(b) ? 1 : 0;
  }
}
