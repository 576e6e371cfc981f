package dev.sluice.python.exposed;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Different values of Java that are one in Python, which looks for any of them; any thread. */
final class Forms {
  private Forms() {}

  /** A value that may be null. */
  record Form(@Nullable Object value) {}

  /**
   * The value first, as it has come from Python, and then what else it may mean: for an int the
   * other widths, for a float a Float, for a str of one character a Character. A box that Python
   * has made on purpose means only itself.
   */
  static List<@Nullable Object> of(@Nullable Object value) {
    List<@Nullable Object> forms = new ArrayList<>();
    forms.add(value);
    switch (value) {
      case Integer number -> {
        forms.add(number.longValue());
        if (number == (short) (int) number) {
          forms.add(number.shortValue());
        }
        if (number == (byte) (int) number) {
          forms.add(number.byteValue());
        }
        forms.add(BigInteger.valueOf(number));
      }
      case Long number when number != (int) (long) number -> forms.add(BigInteger.valueOf(number));
      case Double number when number == (float) (double) number -> forms.add(number.floatValue());
      case String text when text.length() == 1 -> forms.add(text.charAt(0));
      case null, default -> {}
    }
    return forms;
  }
}
