package dev.sluice.server.files;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a Range header asks for (RFC 9110, 14.2), read in linear time; immutable, any thread.
 *
 * @param kind what becomes of the request
 * @param ranges what is to be sent, in ascending order, neither overlapping nor touching; empty
 *     unless the kind is {@link Kind#SOME}
 */
record ByteRanges(Kind kind, List<Range> ranges) {
  /** How many ranges a request may ask for; with more it gets the whole. */
  static final int MOST = 16;

  static final ByteRanges WHOLE = new ByteRanges(Kind.WHOLE, List.of());
  private static final ByteRanges UNSATISFIABLE = new ByteRanges(Kind.UNSATISFIABLE, List.of());

  enum Kind {
    /** The header is to be ignored: it is malformed, of another unit, or asks for too much. */
    WHOLE,
    SOME,
    /** Well-formed, but nothing of it is in the file. */
    UNSATISFIABLE
  }

  /** Bytes from {@code first} up to and including {@code last}. */
  record Range(long first, long last) {
    long count() {
      return last - first + 1;
    }
  }

  ByteRanges {
    ranges = List.copyOf(ranges);
  }

  /** Reads a header for something of {@code size} bytes. */
  static ByteRanges parse(String header, long size) {
    if (!header.regionMatches(true, 0, "bytes=", 0, 6)) {
      return WHOLE;
    }
    List<Range> found = new ArrayList<>(2);
    int specs = 0;
    int i = 6;
    while (i < header.length()) {
      int comma = header.indexOf(',', i);
      int end = comma < 0 ? header.length() : comma;
      int from = skipBlanks(header, i, end);
      int to = trimBlanks(header, from, end);
      i = end + 1;
      if (from == to) {
        continue; // lists may have empty elements
      }
      if (++specs > MOST) {
        return WHOLE;
      }
      int dash = header.indexOf('-', from, to);
      if (dash < 0 || !digits(header, from, dash) || !digits(header, dash + 1, to)) {
        return WHOLE;
      }
      if (dash == from) {
        if (dash + 1 == to) {
          return WHOLE;
        }
        long suffix = Math.min(number(header, dash + 1, to), size);
        if (suffix > 0) {
          found.add(new Range(size - suffix, size - 1));
        }
      } else {
        long first = number(header, from, dash);
        boolean open = dash + 1 == to;
        if (!open && isLess(header, dash + 1, to, from, dash)) {
          return WHOLE;
        }
        long last = open ? Long.MAX_VALUE : number(header, dash + 1, to);
        if (first < size) {
          found.add(new Range(first, Math.min(last, size - 1)));
        }
      }
    }
    if (specs == 0) {
      return WHOLE;
    }
    return found.isEmpty() ? UNSATISFIABLE : new ByteRanges(Kind.SOME, merged(found));
  }

  /** Sorts, and makes one of those that overlap or touch. */
  private static List<Range> merged(List<Range> found) {
    if (found.size() == 1) {
      return found;
    }
    found.sort(Comparator.comparingLong(Range::first));
    List<Range> merged = new ArrayList<>(found.size());
    Range current = found.getFirst();
    for (Range next : found.subList(1, found.size())) {
      if (next.first() <= current.last() + 1) {
        current = new Range(current.first(), Math.max(current.last(), next.last()));
      } else {
        merged.add(current);
        current = next;
      }
    }
    merged.add(current);
    return merged;
  }

  private static int skipBlanks(String text, int from, int to) {
    int i = from;
    while (i < to && isBlank(text.charAt(i))) {
      i++;
    }
    return i;
  }

  private static int trimBlanks(String text, int from, int to) {
    int i = to;
    while (i > from && isBlank(text.charAt(i - 1))) {
      i--;
    }
    return i;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  private static boolean digits(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /** Whether the first number is less than the second, however large they are. */
  private static boolean isLess(String text, int from, int to, int otherFrom, int otherTo) {
    int a = skipZeros(text, from, to);
    int b = skipZeros(text, otherFrom, otherTo);
    if (to - a != otherTo - b) {
      return to - a < otherTo - b;
    }
    for (; a < to; a++, b++) {
      if (text.charAt(a) != text.charAt(b)) {
        return text.charAt(a) < text.charAt(b);
      }
    }
    return false;
  }

  private static int skipZeros(String text, int from, int to) {
    int i = from;
    while (i < to && text.charAt(i) == '0') {
      i++;
    }
    return i;
  }

  /** The number; one too large for a long is the largest long. */
  private static long number(String text, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        return Long.MAX_VALUE;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
