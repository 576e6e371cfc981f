package dev.sluice.python.exposed;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What of Java's classes anybody may use: what is public, in packages that are exported to us. */
final class Visible {
  private Visible() {}

  /** Whether the class can be named and used from outside. */
  static boolean is(Class<?> type) {
    if (type.isArray()) {
      return is(type.getComponentType());
    }
    if (type.isPrimitive()) {
      return true;
    }
    if (type.isHidden() || type.isAnonymousClass() || type.isLocalClass()) {
      return false;
    }
    for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
      if (!Modifier.isPublic(outer.getModifiers())) {
        return false;
      }
    }
    return type.getModule().isExported(type.getPackageName(), Visible.class.getModule());
  }

  /**
   * The nearest visible classes and interfaces above a class: the class first, unless it is Object
   * or there is none, then the interfaces, without those that another one implies.
   */
  static List<Class<?>> above(Class<?> type) {
    Set<Class<?>> found = new LinkedHashSet<>();
    collect(type, found);
    List<Class<?>> nearest = new ArrayList<>();
    for (Class<?> candidate : found) {
      if (found.stream()
          .noneMatch(other -> other != candidate && candidate.isAssignableFrom(other))) {
        nearest.add(candidate);
      }
    }
    nearest.sort((a, b) -> Boolean.compare(a.isInterface(), b.isInterface()));
    return nearest;
  }

  private static void collect(Class<?> type, Set<Class<?>> found) {
    Class<?> parent = type.getSuperclass();
    if (parent != null && parent != Object.class) {
      if (is(parent)) {
        found.add(parent);
      } else {
        collect(parent, found);
      }
    }
    for (Class<?> candidate : type.getInterfaces()) {
      if (is(candidate)) {
        found.add(candidate);
      } else {
        collect(candidate, found);
      }
    }
  }

  /** The one abstract method of a functional interface; null if the type is none. */
  static @Nullable Method functional(Class<?> type) {
    if (!type.isInterface()) {
      return null;
    }
    List<Method> methods =
        Arrays.stream(type.getMethods())
            .filter(method -> Modifier.isAbstract(method.getModifiers()) && !isOfObject(method))
            .toList();
    long names = methods.stream().map(Method::getName).distinct().count();
    long arities = methods.stream().mapToInt(Method::getParameterCount).distinct().count();
    return names == 1 && arities == 1 ? methods.getFirst() : null;
  }

  private static boolean isOfObject(Method method) {
    try {
      Object.class.getMethod(method.getName(), method.getParameterTypes());
      return true;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }
}
