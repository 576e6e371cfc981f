package dev.sluice.python.exposed;

import dev.sluice.python.KeepGil;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The public members of a visible class, by name; any thread.
 *
 * <p>A name that the class itself declares stands for all methods of that name, inherited ones
 * included: in Python a subclass's attribute hides the others.
 */
final class Members {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  private final Class<?> type;
  private final Map<String, List<Method>> methods = new TreeMap<>();
  private final Map<String, Field> fields = new TreeMap<>();

  Members(Class<?> type) {
    this.type = type;
    for (Method method : type.getMethods()) {
      if (!method.isSynthetic() || !Visible.is(method.getDeclaringClass())) {
        methods.computeIfAbsent(method.getName(), name -> new ArrayList<>()).add(method);
      } else if (method.isBridge() && isOnlyOne(method)) {
        // The public face of a method of a superclass that is not public.
        methods.computeIfAbsent(method.getName(), name -> new ArrayList<>()).add(method);
      }
    }
    methods.values().removeIf(group -> group.stream().noneMatch(this::isOwn));
    methods.values().forEach(Members::removeOverridden);
    for (Field field : type.getDeclaredFields()) {
      if (Modifier.isPublic(field.getModifiers()) && !methods.containsKey(field.getName())) {
        fields.put(field.getName(), field);
      }
    }
  }

  private boolean isOnlyOne(Method bridge) {
    return Arrays.stream(type.getMethods())
        .noneMatch(other ->
            !other.isSynthetic()
                && other.getName().equals(bridge.getName())
                && Arrays.equals(other.getParameterTypes(), bridge.getParameterTypes()));
  }

  /** Whether no type that Python asks next knows the method. */
  private boolean isOwn(Method method) {
    return method.getDeclaringClass() == type || !Visible.is(method.getDeclaringClass());
  }

  /** Of methods with the same parameters, those of several interfaces, one is enough. */
  private static void removeOverridden(List<Method> group) {
    for (int i = 0; i < group.size(); i++) {
      Method kept = group.get(i);
      for (int j = group.size() - 1; j > i; j--) {
        Method other = group.get(j);
        if (Arrays.equals(kept.getParameterTypes(), other.getParameterTypes())) {
          if (kept.getReturnType().isAssignableFrom(other.getReturnType())
              && kept.getReturnType() != other.getReturnType()) {
            kept = other;
            group.set(i, other);
          }
          group.remove(j);
        }
      }
    }
  }

  /** The public classes inside of the class, by their simple names. */
  Map<String, Class<?>> nested() {
    Map<String, Class<?>> nested = new TreeMap<>();
    for (Class<?> each : type.getClasses()) {
      if (each.getDeclaringClass() == type && Visible.is(each)) {
        nested.put(each.getSimpleName(), each);
      }
    }
    return nested;
  }

  Class<?> type() {
    return type;
  }

  /** The names of methods. */
  Iterable<String> methodNames() {
    return methods.keySet();
  }

  Map<String, List<Method>> methods() {
    return methods;
  }

  Map<String, Field> fields() {
    return fields;
  }

  List<Constructor<?>> constructors() {
    return Modifier.isAbstract(type.getModifiers()) || type.isArray()
        ? List.of()
        : List.of(type.getConstructors());
  }

  /** The methods of a name, those of the class itself or those of objects. */
  List<Executable> executables(String name, boolean isStatic) {
    List<Executable> found = new ArrayList<>();
    for (Method method : methods.getOrDefault(name, List.of())) {
      if (Modifier.isStatic(method.getModifiers()) == isStatic) {
        found.add(executable(method));
      }
    }
    return isStatic || found.isEmpty() ? found : Protocols.insteadOf(found, type, name);
  }

  private Executable executable(Method method) {
    return executable(type.getSimpleName() + "." + method.getName(), method);
  }

  private Executable executable(String name, Method method) {
    boolean isStatic = Modifier.isStatic(method.getModifiers());
    return new Executable(
        name,
        handle(method),
        !isStatic,
        Generics.parameters(method),
        method.isVarArgs(),
        keepsGil(method));
  }

  private MethodHandle handle(Method method) {
    try {
      // Through the visible class: the one that declares the method may be hidden.
      var signature = MethodType.methodType(method.getReturnType(), method.getParameterTypes());
      boolean isStatic = Modifier.isStatic(method.getModifiers());
      Class<?> from =
          isStatic && method.getDeclaringClass().isInterface() ? method.getDeclaringClass() : type;
      MethodHandle handle =
          isStatic
              ? LOOKUP.findStatic(from, method.getName(), signature)
              : LOOKUP.findVirtual(from, method.getName(), signature);
      return handle.asFixedArity();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(method + " cannot be called", e);
    }
  }

  List<Executable> constructorExecutables() {
    List<Executable> found = new ArrayList<>();
    if (MethodType.methodType(type).hasWrappers()) {
      // The boxes' constructors are to be removed from Java.
      for (Method method : methods.getOrDefault("valueOf", List.of())) {
        if (method.getParameterCount() == 1) {
          found.add(executable(type.getSimpleName(), method));
        }
      }
      return found;
    }
    for (Constructor<?> constructor : constructors()) {
      try {
        found.add(
            new Executable(
                type.getSimpleName(),
                LOOKUP.unreflectConstructor(constructor).asFixedArity(),
                false,
                Generics.parameters(constructor),
                constructor.isVarArgs(),
                keepsGil(constructor)));
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(constructor + " cannot be called", e);
      }
    }
    return found;
  }

  /** Reading a field. */
  static Executable getter(Field field) {
    try {
      return new Executable(
          field.getName(),
          LOOKUP.unreflectGetter(field),
          !Modifier.isStatic(field.getModifiers()),
          List.of(),
          false,
          true);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(field + " cannot be read", e);
    }
  }

  /** Writing a field that is not final. */
  static Executable setter(Field field) {
    try {
      return new Executable(
          field.getName(),
          LOOKUP.unreflectSetter(field),
          !Modifier.isStatic(field.getModifiers()),
          List.of(field.getGenericType()),
          false,
          true);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(field + " cannot be written", e);
    }
  }

  private static boolean keepsGil(AnnotatedElement element) {
    return element.isAnnotationPresent(KeepGil.class);
  }
}
