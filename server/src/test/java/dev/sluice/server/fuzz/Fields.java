package dev.sluice.server.fuzz;

import dev.sluice.server.fuzz.Lines.Incomplete;
import dev.sluice.server.fuzz.Lines.Wrong;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Header fields of a message.
 *
 * @param all each as {@code name: value}, the name in small letters
 */
public record Fields(List<String> all) {
  /** Reads fields up to the empty line, which is taken too. */
  static Fields read(Lines lines) throws Wrong, Incomplete {
    List<String> all = new ArrayList<>();
    for (String line = lines.line(); !line.isEmpty(); line = lines.line()) {
      int colon = line.indexOf(':');
      if (colon < 0 || !Lines.isToken(line.substring(0, colon))) {
        throw new Wrong("a field has no name: " + line);
      }
      all.add(
          line.substring(0, colon).toLowerCase(Locale.ROOT)
              + ": "
              + Lines.trim(line.substring(colon + 1)));
    }
    return new Fields(all);
  }

  /** All values of the fields with this name, which is in small letters. */
  public List<String> values(String name) {
    return all.stream()
        .filter(field -> field.startsWith(name + ": "))
        .map(field -> field.substring(name.length() + 2))
        .toList();
  }

  /** Whether a list has this word. */
  boolean lists(String name, String word) {
    return values(name).stream()
        .flatMap(value -> List.of(value.split(",", -1)).stream())
        .anyMatch(item -> item.strip().equalsIgnoreCase(word));
  }

  /** Reads a body in chunks, and its trailers. */
  static String chunks(Lines lines) throws Wrong, Incomplete {
    StringBuilder body = new StringBuilder();
    while (true) {
      String line = lines.line();
      int semicolon = line.indexOf(';');
      // White space is allowed before an extension only.
      String size = semicolon < 0 ? line : Lines.trim(line.substring(0, semicolon));
      if (!size.matches("[0-9a-fA-F]{1,15}") || line.charAt(0) == ' ' || line.charAt(0) == '\t') {
        throw new Wrong("the size of a chunk is no number");
      }
      long count = Long.parseLong(size, 16);
      if (count == 0) {
        read(lines);
        return body.toString();
      }
      body.append(lines.take(count));
      if (!lines.take("\r\n")) {
        if (lines.isAtEnd() || lines.rest().equals("\r")) {
          throw new Incomplete();
        }
        throw new Wrong("a chunk is not as long as it says");
      }
    }
  }
}
