package dev.sluice.server.proxies;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;

/**
 * The elements of a list in one or more headers of the same name, from the last to the first; used
 * by the IO thread that read them.
 *
 * <p>Each proxy adds to the right, so what is on the right was written by who is trusted most, and
 * what is on the left may be anything. Reading from the right means that nothing on the left can
 * change how the right is read, not even a quotation mark that is never closed.
 */
final class ElementsFromRight {
  private final RequestHead head;
  private final HeaderName name;
  private final boolean quoting;
  private int header;
  private String line = "";
  private int start;
  private int end;
  private int rest = -1; // what is left of the line ends here

  /**
   * Begins behind the last element.
   *
   * @param quoting whether commas may stand in quoted strings
   */
  ElementsFromRight(RequestHead head, HeaderName name, boolean quoting) {
    this.head = head;
    this.name = name;
    this.quoting = quoting;
    header = head.headerCount();
  }

  /** Goes one element to the left, past empty ones; false if there is none. */
  boolean next() {
    do {
      if (rest < 0 && !previousLine()) {
        return false;
      }
      int comma = comma();
      start = comma + 1;
      end = rest;
      rest = comma;
      trim();
    } while (start == end);
    return true;
  }

  private boolean previousLine() {
    while (--header >= 0) {
      if (head.headerName(header).isSame(name)) {
        line = head.headerValue(header);
        rest = line.length();
        return true;
      }
    }
    header = 0;
    return false;
  }

  /** The last comma that separates, or -1. */
  private int comma() {
    boolean quoted = false;
    for (int i = rest - 1; i >= 0; i--) {
      char c = line.charAt(i);
      if (c == ',' && !quoted) {
        return i;
      }
      if (c == '"' && quoting && !(quoted && isEscaped(i))) {
        quoted = !quoted;
      }
    }
    return -1;
  }

  /** Whether an odd number of backslashes stands before. */
  private boolean isEscaped(int index) {
    int at = index;
    while (at > 0 && line.charAt(at - 1) == '\\') {
      at--;
    }
    return (index - at) % 2 == 1;
  }

  private void trim() {
    while (start < end && isSpace(line.charAt(start))) {
      start++;
    }
    while (start < end && isSpace(line.charAt(end - 1))) {
      end--;
    }
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }

  /** The header that the element stands in. */
  String line() {
    return line;
  }

  int start() {
    return start;
  }

  int end() {
    return end;
  }

  String text() {
    return line.substring(start, end);
  }
}
