package dev.sluice.python.exposed;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/** Which of Python's special methods the objects of a Java class have; any thread. */
final class Protocols {
  private static final Map<Class<?>, Map<String, List<String>>> TABLE = new HashMap<>();
  private static final Map<String, List<String>> OF_ARRAYS =
      Map.of(
          "__len__", List.of("length"),
          "__getitem__", List.of("element", "sliceArray"),
          "__setitem__", List.of("setElement"),
          "__iter__", List.of("iterateArray"));

  /** Those that use Python, and so keep the GIL. */
  private static final Set<String> ATTACHED = Set.of("slice", "sliceArray");

  /** Interfaces with one abstract method that nobody means as functions. */
  private static final List<Class<?>> NO_FUNCTIONS =
      List.of(Iterable.class, AutoCloseable.class, Comparable.class, Iterator.class);

  static {
    add(Object.class, "__eq__", "equal");
    add(Object.class, "__hash__", "hash");
    add(Object.class, "__str__", "text");
    add(Object.class, "__repr__", "account");
    add(Throwable.class, "__str__", "message");
    add(Throwable.class, "__repr__", "throwableAccount");
    add(Iterable.class, "__iter__", "iterate");
    add(BaseStream.class, "__iter__", "iterateStream");
    add(Enumeration.class, "__iter__", "iterateEnumeration");
    add(Iterator.class, "__iter__", "same");
    add(Iterator.class, "__next__", "next");
    add(Collection.class, "__len__", "size");
    add(Collection.class, "__contains__", "has");
    add(List.class, "__getitem__", "item", "slice");
    add(List.class, "__setitem__", "setItem");
    add(List.class, "__delitem__", "removeItem");
    add(Map.class, "__len__", "mapSize");
    add(Map.class, "__contains__", "hasKey");
    add(Map.class, "__getitem__", "value");
    add(Map.class, "__setitem__", "putValue");
    add(Map.class, "__delitem__", "removeKey");
    add(Map.class, "__iter__", "iterateKeys");
    add(Map.Entry.class, "__iter__", "iterateEntry");
    add(AutoCloseable.class, "__enter__", "enter");
    add(AutoCloseable.class, "__exit__", "exit");
    add(Comparable.class, "__lt__", "less");
    add(Comparable.class, "__le__", "lessOrEqual");
    add(Comparable.class, "__gt__", "greater");
    add(Comparable.class, "__ge__", "greaterOrEqual");
    for (Class<?> box : List.of(Byte.class, Short.class, Integer.class, Long.class)) {
      add(box, "__index__", "whole");
      add(box, "__eq__", "equalInteger");
      add(box, "__hash__", "hashInteger");
    }
    add(BigInteger.class, "__index__", "whole");
    add(CharSequence.class, "__len__", "textLength");
    add(Number.class, "__int__", "whole");
    add(Number.class, "__float__", "fraction");
  }

  private Protocols() {}

  private static void add(Class<?> type, String name, String... methods) {
    TABLE.computeIfAbsent(type, key -> new LinkedHashMap<>()).put(name, List.of(methods));
  }

  private static Map<String, List<String>> of(Class<?> type) {
    return type.isArray() ? OF_ARRAYS : TABLE.getOrDefault(type, Map.of());
  }

  /** The names that the class itself has, without those of the classes above it. */
  static List<String> names(Class<?> type) {
    List<String> names = new ArrayList<>(of(type).keySet());
    if (function(type) != null) {
      names.add("__call__");
    }
    return names;
  }

  /** The method that calling an object of the interface runs, if it is a functional one. */
  static @Nullable Method function(Class<?> type) {
    boolean isOne =
        type.isAnnotationPresent(FunctionalInterface.class)
            || (!type.getName().startsWith("java.")
                && NO_FUNCTIONS.stream().noneMatch(no -> no.isAssignableFrom(type)));
    return isOne ? Visible.functional(type) : null;
  }

  /** Python's {@code get} of a map for Java's, which takes one argument and one form of a key. */
  static List<Executable> insteadOf(List<Executable> methods, Class<?> type, String name) {
    if (!name.equals("get") || !Map.class.isAssignableFrom(type)) {
      return methods;
    }
    List<Executable> found = new ArrayList<>(methods);
    found.removeIf(each -> each.parameters().equals(List.of(Object.class)));
    found.add(executable("get", "get"));
    found.add(executable("get", "getOr"));
    return found;
  }

  static List<Executable> executables(Class<?> type, String name) {
    Method function = name.equals("__call__") ? function(type) : null;
    if (function != null) {
      List<Executable> found = new ArrayList<>();
      for (Executable each :
          new Members(function.getDeclaringClass()).executables(function.getName(), false)) {
        if (each.parameters().size() == function.getParameterCount()) {
          found.add(each);
        }
      }
      return found;
    }
    return of(type).getOrDefault(name, List.of()).stream()
        .map(method -> executable(name, method))
        .toList();
  }

  private static Executable executable(String name, String methodName) {
    Method method =
        Arrays.stream(ProtocolMethods.class.getDeclaredMethods())
            .filter(each -> each.getName().equals(methodName))
            .filter(each -> !Modifier.isPrivate(each.getModifiers()))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("there is no " + methodName));
    try {
      MethodHandle handle = MethodHandles.lookup().unreflect(method);
      List<Type> parameters = Generics.parameters(method);
      return new Executable(
          name,
          handle,
          true,
          parameters.subList(1, parameters.size()),
          false,
          ATTACHED.contains(methodName));
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
