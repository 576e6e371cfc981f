package dev.sluice.server.wsgi;

/** Percent-decoding of paths, into bytes; no state, any thread. */
final class PercentDecoder {
  private PercentDecoder() {}

  /**
   * Decodes a part of the text, whose characters stand for bytes. What is no escape is copied.
   *
   * @return where the decoded bytes end in {@code out}
   */
  static int decode(String text, int start, int end, byte[] out, int offset) {
    int at = offset;
    int i = start;
    while (i < end) {
      char c = text.charAt(i);
      int value = c == '%' && i + 2 < end ? escape(text.charAt(i + 1), text.charAt(i + 2)) : -1;
      out[at++] = (byte) (value < 0 ? c : value);
      i += value < 0 ? 1 : 3;
    }
    return at;
  }

  /** The byte that two digits stand for, or -1. */
  private static int escape(char first, char second) {
    int high = digit(first);
    int low = digit(second);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  /** Unlike {@link Character#digit}, only for ASCII. */
  private static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }
}
