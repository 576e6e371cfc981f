package dev.sluice.dashboard;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values written as JSON: maps, lists, numbers, truth, text, null, and what is JSON already; any
 * thread.
 */
final class Json {
  private static final int FIRST_PRINTABLE = 0x20;

  /** Text that is JSON already. */
  record Raw(String text) {}

  private Json() {}

  static String write(@Nullable Object value) {
    StringBuilder text = new StringBuilder(4096);
    append(text, value);
    return text.toString();
  }

  private static void append(StringBuilder text, @Nullable Object value) {
    switch (value) {
      case null -> text.append("null");
      case Raw raw -> text.append(raw.text());
      case Map<?, ?> map -> {
        char before = '{';
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          text.append(before);
          quote(text, String.valueOf(entry.getKey()));
          text.append(':');
          append(text, entry.getValue());
          before = ',';
        }
        text.append(map.isEmpty() ? "{}" : "}");
      }
      case List<?> list -> {
        char before = '[';
        for (Object each : list) {
          text.append(before);
          append(text, each);
          before = ',';
        }
        text.append(list.isEmpty() ? "[]" : "]");
      }
      case long[] numbers -> {
        text.append('[');
        for (int i = 0; i < numbers.length; i++) {
          text.append(i == 0 ? "" : ",").append(numbers[i]);
        }
        text.append(']');
      }
      case Double number when !Double.isFinite(number) -> text.append("null");
      case Number number -> text.append(number);
      case Boolean truth -> text.append(truth);
      default -> quote(text, value.toString());
    }
  }

  private static void quote(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        default -> {
          if (c < FIRST_PRINTABLE || Character.isSurrogate(c)) {
            text.append("\\u%04x".formatted((int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }
}
