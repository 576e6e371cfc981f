package dev.sluice.server.files;

import java.util.List;

/** Lists of entity tags, as If-Match and If-None-Match have them; no state, any thread. */
final class EntityTags {
  private EntityTags() {}

  /**
   * Whether one of the tags, or {@code *}, matches. Takes linear time; what follows something
   * malformed is not read.
   *
   * @param fields the header's values, which are one list together
   * @param tag a strong tag, with its quotes
   * @param weakly whether a weak tag may match (RFC 9110, 8.8.3.2)
   */
  static boolean matches(List<String> fields, String tag, boolean weakly) {
    for (String field : fields) {
      if (field.strip().equals("*") || matches(field, tag, weakly)) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(String field, String tag, boolean weakly) {
    int i = 0;
    while (i < field.length()) {
      char c = field.charAt(i);
      if (c == ',' || c == ' ' || c == '\t') {
        i++;
        continue;
      }
      boolean weak = field.startsWith("W/", i);
      int open = weak ? i + 2 : i;
      int close = end(field, open);
      if (close < 0) {
        return false;
      }
      if ((weakly || !weak) && close - open == tag.length() && field.startsWith(tag, open)) {
        return true;
      }
      i = close;
      while (i < field.length() && (field.charAt(i) == ' ' || field.charAt(i) == '\t')) {
        i++;
      }
      if (i < field.length() && field.charAt(i) != ',') {
        return false;
      }
    }
    return false;
  }

  /** Where the tag ends that begins here with its quote, or -1 if none does. */
  private static int end(String field, int open) {
    if (open >= field.length() || field.charAt(open) != '"') {
      return -1;
    }
    for (int i = open + 1; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '"') {
        return i + 1;
      }
      if (c < 0x21 || c == 0x7f) {
        return -1;
      }
    }
    return -1;
  }
}
