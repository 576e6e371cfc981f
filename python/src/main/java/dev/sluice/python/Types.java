package dev.sluice.python;

import dev.sluice.python.exposed.Generics;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;

/** Java's generic types; any thread. */
final class Types {
  private Types() {}

  static Type of(Class<?> raw, Type... arguments) {
    return Generics.of(raw, arguments);
  }

  /** The class behind a type. */
  static Class<?> raw(Type type) {
    return switch (type) {
      case Class<?> plain -> plain;
      case ParameterizedType generic -> raw(generic.getRawType());
      case GenericArrayType array -> raw(array.getGenericComponentType()).arrayType();
      case WildcardType wildcard -> raw(wildcard.getUpperBounds()[0]);
      case TypeVariable<?> variable -> raw(variable.getBounds()[0]);
      default -> throw new IllegalArgumentException("an unknown kind of type: " + type);
    };
  }

  static Class<?> arrayOf(Type component) {
    return raw(component).arrayType();
  }
}
