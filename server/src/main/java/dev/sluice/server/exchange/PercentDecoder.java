package dev.sluice.server.exchange;

/** Percent-decoding of paths, into bytes; no state, any thread. */
public final class PercentDecoder {
  private PercentDecoder() {}

  /**
   * Decodes a part of the text, whose characters stand for bytes. What is no escape is copied.
   *
   * @return where the decoded bytes end in {@code out}
   */
  public static int decode(String text, int start, int end, byte[] out, int offset) {
    int at = offset;
    int i = start;
    while (i < end) {
      char c = text.charAt(i);
      int value = escapeAt(text, i, end);
      out[at++] = (byte) (value < 0 ? c : value);
      i += value < 0 ? 1 : 3;
    }
    return at;
  }

  /** The byte that an escape at this place stands for; -1 if there is none. */
  static int escapeAt(String text, int at, int end) {
    return text.charAt(at) == '%' && at + 2 < end
        ? escape(text.charAt(at + 1), text.charAt(at + 2))
        : -1;
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
