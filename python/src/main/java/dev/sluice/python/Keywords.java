package dev.sluice.python;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keyword arguments, given as the last argument of a call; immutable, any thread.
 *
 * <pre>{@code
 * json.callMethod("dumps", value, Keywords.of("indent", 2, "sort_keys", true));
 * }</pre>
 */
public final class Keywords {
  private final List<String> names;
  private final @Nullable Object[] values;

  private Keywords(List<String> names, @Nullable Object[] values) {
    this.names = names;
    this.values = values;
  }

  /** Names and values in turn. */
  public static Keywords of(@Nullable Object... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("keywords are names and values in turn");
    }
    String[] names = new String[namesAndValues.length / 2];
    @Nullable Object[] values = new @Nullable Object[names.length];
    for (int i = 0; i < names.length; i++) {
      if (!(namesAndValues[2 * i] instanceof String name)) {
        throw new IllegalArgumentException(
            "a keyword's name is a String, not " + namesAndValues[2 * i]);
      }
      names[i] = name;
      values[i] = namesAndValues[2 * i + 1];
    }
    if (Arrays.stream(names).distinct().count() != names.length) {
      throw new IllegalArgumentException("a keyword is given twice: " + Arrays.toString(names));
    }
    return new Keywords(List.of(names), values);
  }

  /** The entries of a map. */
  public static Keywords of(Map<String, ? extends @Nullable Object> arguments) {
    List<String> names = List.copyOf(arguments.keySet());
    @Nullable Object[] values = new @Nullable Object[names.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = arguments.get(names.get(i));
    }
    return new Keywords(names, values);
  }

  List<String> names() {
    return names;
  }

  @Nullable Object value(int index) {
    return values[index];
  }

  @Override
  public String toString() {
    return "Keywords" + names;
  }
}
