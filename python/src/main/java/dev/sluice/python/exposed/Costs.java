package dev.sluice.python.exposed;

import dev.sluice.python.PyObject;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.ScalarApi;
import dev.sluice.python.capi.UnicodeApi;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * How well the arguments of one call fit to parameters: 0 is an exact fit, more is worse.
 *
 * <p>A number fits to the smallest type of at least int that holds it, and then to larger ones; an
 * object to its own class, and then to those above it, the nearer the better.
 */
final class Costs {
  private static final int NOT = -1;
  private static final int AS_OBJECT = 50;
  private static final int AS_PYTHON = 60;
  private static final int PERHAPS = 80;

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
          Map.entry("java.lang.Short", 16),
          Map.entry("java.lang.Byte", 17));

  private static final Map<String, Integer> OF_FLOAT =
      Map.of("double", 0, "float", 1, "java.lang.Double", 2, "java.lang.Float", 3);

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
  int @Nullable [] of(IntFunction<Class<?>> parameters) {
    int[] costs = new int[given.length];
    for (int i = 0; i < costs.length; i++) {
      costs[i] = cost(i, parameters.apply(i));
      if (costs[i] == NOT) {
        return null;
      }
    }
    return costs;
  }

  private int cost(int position, Class<?> parameter) {
    long object = given[position];
    Object java = exposed[position];
    if (java != null) {
      return parameter.isInstance(java)
          ? distance(java.getClass(), parameter)
          : asPython(parameter);
    }
    if (object == ObjectApi.NONE) {
      return parameter.isPrimitive() ? NOT : 1;
    }
    if (object == ObjectApi.TRUE || object == ObjectApi.FALSE) {
      return switch (parameter.getName()) {
        case "boolean" -> 0;
        case "java.lang.Boolean" -> 1;
        default -> {
          int asNumber =
              parameter.isPrimitive() ? OF_INT.getOrDefault(parameter.getName(), NOT) : NOT;
          yield asNumber == NOT ? general(parameter, Boolean.class) : 20 + asNumber;
        }
      };
    }
    if (ObjectApi.is(object, NumberApi.LONG_TYPE)) {
      return ofInt(object, parameter);
    }
    if (ObjectApi.is(object, NumberApi.FLOAT_TYPE)) {
      int cost = OF_FLOAT.getOrDefault(parameter.getName(), NOT);
      return cost != NOT ? cost : general(parameter, Double.class);
    }
    if (ObjectApi.is(object, UnicodeApi.TYPE)) {
      return ofText(object, parameter);
    }
    if (ObjectApi.is(object, BytesApi.TYPE)) {
      return parameter == byte[].class ? 0 : general(parameter, byte[].class);
    }
    return ofPython(object, parameter);
  }

  private int ofInt(long object, Class<?> parameter) {
    int bytes = arguments.width(object);
    boolean fits =
        switch (parameter.getName()) {
          case "byte", "java.lang.Byte" -> bytes == 1;
          case "short", "java.lang.Short" -> bytes <= 2;
          case "int", "java.lang.Integer" -> bytes <= 4;
          case "long", "java.lang.Long" -> bytes <= 8;
          default -> true;
        };
    if (!fits) {
      return NOT;
    }
    int cost = OF_INT.getOrDefault(parameter.getName(), NOT);
    return cost != NOT
        ? cost
        : general(
            parameter, bytes <= 4 ? Integer.class : bytes <= 8 ? Long.class : BigInteger.class);
  }

  private static int ofText(long object, Class<?> parameter) {
    if (parameter == String.class) {
      return 0;
    }
    if (parameter == char.class || parameter == Character.class) {
      return UnicodeApi.length(object) == 1 ? 5 : NOT;
    }
    return parameter == CharSequence.class ? 2 : general(parameter, String.class);
  }

  /** An object that only Python knows: a function, a list, or anything. */
  private static int ofPython(long object, Class<?> parameter) {
    if (parameter.isPrimitive()) {
      return ofNumber(object, parameter);
    }
    if (parameter == PyObject.class) {
      return 45;
    }
    if (parameter == Object.class) {
      return AS_OBJECT;
    }
    if (parameter.isArray() && !isSequence(object)) {
      return NOT;
    }
    return ObjectApi.isCallable(object) && Visible.functional(parameter) != null ? 10 : PERHAPS;
  }

  private static boolean isSequence(long object) {
    return ObjectApi.is(object, ContainerApi.LIST_TYPE)
        || ObjectApi.is(object, ContainerApi.TUPLE_TYPE);
  }

  /** Numbers of other libraries. */
  private static int ofNumber(long object, Class<?> parameter) {
    boolean isIndex = ScalarApi.isIndex(object);
    return isIndex && WIDENING.contains(parameter) ? 30 + WIDENING.indexOf(parameter) : NOT;
  }

  /** A value that has a Java type of its own, for a parameter that is not made for it. */
  private static int general(Class<?> parameter, Class<?> own) {
    if (parameter == Object.class) {
      return AS_OBJECT;
    }
    if (parameter.isAssignableFrom(own)) {
      return 40;
    }
    if (parameter == PyObject.class) {
      return AS_PYTHON;
    }
    return parameter.isPrimitive()
            || parameter.isArray()
            || Number.class.isAssignableFrom(parameter)
        ? NOT
        : PERHAPS;
  }

  private static int asPython(Class<?> parameter) {
    return parameter == PyObject.class ? AS_PYTHON : NOT;
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
