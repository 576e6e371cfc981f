package dev.sluice.python.exposed;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Java's Optionals, which are None or a value in Python; any thread. */
public final class Optionals {
  private static final Map<Class<?>, Class<?>> OF_NUMBERS =
      Map.of(
          OptionalInt.class, int.class,
          OptionalLong.class, long.class,
          OptionalDouble.class, double.class);

  private Optionals() {}

  /** Whether the type is one of the four. */
  public static boolean isOne(Class<?> type) {
    return type == Optional.class || OF_NUMBERS.containsKey(type);
  }

  /** The type of number that one holds; null if the type is none of the three for numbers. */
  public static @Nullable Class<?> number(Class<?> type) {
    return OF_NUMBERS.get(type);
  }

  /** One of the type that holds the value, or nothing. */
  public static Object of(Class<?> type, @Nullable Object value) {
    if (type == OptionalInt.class) {
      return value == null ? OptionalInt.empty() : OptionalInt.of((Integer) value);
    }
    if (type == OptionalLong.class) {
      return value == null ? OptionalLong.empty() : OptionalLong.of((Long) value);
    }
    if (type == OptionalDouble.class) {
      return value == null ? OptionalDouble.empty() : OptionalDouble.of((Double) value);
    }
    return Optional.ofNullable(value);
  }
}
