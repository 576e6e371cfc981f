package dev.sluice.server.fuzz;

import java.nio.charset.StandardCharsets;

/** Bytes of HTTP/1, read forwards and by the book: what RFC 9112 does not allow is an exception. */
final class Lines {
  private final String text;
  private int at;

  /** What is read cannot be HTTP/1, whatever follows. */
  static final class Wrong extends Exception {
    private static final long serialVersionUID = 1;

    Wrong(String why) {
      super(why);
    }
  }

  /** The bytes end too early. */
  static final class Incomplete extends Exception {
    private static final long serialVersionUID = 1;
  }

  Lines(byte[] bytes) {
    text = new String(bytes, StandardCharsets.ISO_8859_1);
  }

  boolean isAtEnd() {
    return at == text.length();
  }

  int position() {
    return at;
  }

  /** Whether these characters come next; takes them if so. */
  boolean take(String next) {
    if (text.startsWith(next, at)) {
      at += next.length();
      return true;
    }
    return false;
  }

  /** Everything that is left. */
  String rest() {
    String rest = text.substring(at);
    at = text.length();
    return rest;
  }

  String take(long count) throws Incomplete {
    if (text.length() - at < count) {
      throw new Incomplete();
    }
    String taken = text.substring(at, at + (int) count);
    at += (int) count;
    return taken;
  }

  /** A line without its CR LF. */
  String line() throws Wrong, Incomplete {
    for (int i = at; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n' || c == 0) {
        throw new Wrong("a line has a control character");
      }
      if (c == '\r') {
        if (i + 1 == text.length()) {
          throw new Incomplete();
        }
        if (text.charAt(i + 1) != '\n') {
          throw new Wrong("a CR stands alone");
        }
        String line = text.substring(at, i);
        at = i + 2;
        return line;
      }
    }
    throw new Incomplete();
  }

  static boolean isToken(String text) {
    return !text.isEmpty()
        && text.chars()
            .allMatch(c ->
                (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
  }

  static boolean isDigits(String text, int most) {
    return !text.isEmpty()
        && text.length() <= most
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  static String trim(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isBlank(text.charAt(from))) {
      from++;
    }
    while (to > from && isBlank(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }
}
