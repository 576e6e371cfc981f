package dev.sluice.python.exposed;

import java.lang.reflect.Executable;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.MalformedParameterizedTypeException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What Java's generic types say about arguments and results; any thread. */
public final class Generics {
  private Generics() {}

  /** The class behind a type. */
  static Class<?> raw(Type type) {
    return switch (type) {
      case Class<?> plain -> plain;
      case ParameterizedType generic -> (Class<?>) generic.getRawType();
      case GenericArrayType array -> raw(array.getGenericComponentType()).arrayType();
      case WildcardType wildcard -> raw(wildcard.getUpperBounds()[0]);
      case TypeVariable<?> variable -> raw(variable.getBounds()[0]);
      default -> throw new IllegalArgumentException("an unknown kind of type: " + type);
    };
  }

  /** The type of an array's elements. */
  static Type component(Type array) {
    return array instanceof GenericArrayType generic
        ? generic.getGenericComponentType()
        : raw(array).getComponentType();
  }

  /** An argument of a generic type, as String of {@code List<String>}; Object if it says none. */
  static Type argument(Type type, int index) {
    return switch (type) {
      case ParameterizedType generic -> generic.getActualTypeArguments()[index];
      case WildcardType wildcard -> argument(wildcard.getUpperBounds()[0], index);
      case TypeVariable<?> variable -> argument(variable.getBounds()[0], index);
      default -> Object.class;
    };
  }

  /** The parameters' types, generic where that can be known. */
  static List<Type> parameters(Executable executable) {
    Class<?>[] plain = executable.getParameterTypes();
    try {
      Type[] generic = executable.getGenericParameterTypes();
      // Those that the compiler has added are in one of the two only.
      return List.of(generic.length == plain.length ? generic : plain);
    } catch (TypeNotPresentException | MalformedParameterizedTypeException e) {
      return List.of((Type[]) plain);
    }
  }

  /** What a method of the type gives, as String for the {@code get} of {@code Supplier<String>}. */
  public static Type result(Type type, Method method) {
    return in(type, method.getGenericReturnType());
  }

  /** What a type that a member of the type names stands for there. */
  static Type in(Type type, Type named) {
    if (named instanceof Class<?>) {
      return named;
    }
    Map<Type, Type> known = new HashMap<>();
    collect(type, known);
    return replaced(named, known);
  }

  /** What the variables of the type, and of those above it, stand for. */
  private static void collect(Type type, Map<Type, Type> known) {
    Class<?> raw = raw(type);
    if (type instanceof ParameterizedType generic) {
      for (int i = 0; i < raw.getTypeParameters().length; i++) {
        known.put(raw.getTypeParameters()[i], replaced(generic.getActualTypeArguments()[i], known));
      }
    }
    for (Type above : raw.getGenericInterfaces()) {
      collect(above, known);
    }
  }

  /** The type with what is known instead of its variables, however deep they stand in it. */
  private static Type replaced(Type type, Map<Type, Type> known) {
    return switch (type) {
      case TypeVariable<?> variable -> known.getOrDefault(variable, variable);
      case ParameterizedType generic ->
          of(
              raw(generic),
              Arrays.stream(generic.getActualTypeArguments())
                  .map(argument -> replaced(argument, known))
                  .toArray(Type[]::new));
      case WildcardType wildcard when wildcard.getLowerBounds().length == 0 ->
          replaced(wildcard.getUpperBounds()[0], known);
      case GenericArrayType array -> {
        Type component = replaced(array.getGenericComponentType(), known);
        yield component instanceof Class<?> plain ? plain.arrayType() : new ArrayOf(component);
      }
      default -> type;
    };
  }

  /** A type with arguments, such as {@code List<String>}. */
  public static ParameterizedType of(Class<?> raw, Type... arguments) {
    return new Parameterized(raw, List.of(arguments));
  }

  private record Parameterized(Class<?> raw, List<Type> arguments) implements ParameterizedType {
    @Override
    public Type[] getActualTypeArguments() {
      return arguments.toArray(Type[]::new);
    }

    @Override
    public Type getRawType() {
      return raw;
    }

    @Override
    public @Nullable Type getOwnerType() {
      return null;
    }

    @Override
    public String toString() {
      return arguments.stream()
          .map(Type::getTypeName)
          .collect(Collectors.joining(", ", raw.getName() + "<", ">"));
    }
  }

  private record ArrayOf(Type component) implements GenericArrayType {
    @Override
    public Type getGenericComponentType() {
      return component;
    }

    @Override
    public String toString() {
      return component.getTypeName() + "[]";
    }
  }
}
