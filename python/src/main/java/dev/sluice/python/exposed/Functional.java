package dev.sluice.python.exposed;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * What an interface with one abstract method is called with; any thread.
 *
 * @param count how many arguments, or negative for any number
 * @param rank which is preferred where nothing else decides: 0 gives an object, 1 a primitive
 *     value, 2 nothing
 */
record Functional(int count, int rank) {
  private static final ClassValue<Known> KNOWN =
      new ClassValue<>() {
        @Override
        protected Known computeValue(Class<?> type) {
          return new Known(of(Visible.functional(type)));
        }
      };

  /** A ClassValue computes a null again and again. */
  private record Known(@Nullable Functional functional) {}

  private static @Nullable Functional of(@Nullable Method method) {
    if (method == null) {
      return null;
    }
    Class<?> result = method.getReturnType();
    return new Functional(
        method.isVarArgs() ? -1 : method.getParameterCount(),
        result == void.class ? 2 : result.isPrimitive() ? 1 : 0);
  }

  /** Null if the type is no such interface. */
  static @Nullable Functional of(Class<?> type) {
    return KNOWN.get(type).functional();
  }
}
