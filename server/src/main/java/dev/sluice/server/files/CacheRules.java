package dev.sluice.server.files;

/** Which Cache-Control a file is sent with, by its name; no state, any thread. */
final class CacheRules {
  /** For names that change whenever the content does. */
  static final String IMMUTABLE = "public, max-age=31536000, immutable";

  private static final int SHORTEST = 8;
  private static final int LONGEST = 64;

  private CacheRules() {}

  /**
   * Whether a name has a fingerprint of the content, as build tools write it: between dots, dashes
   * or underscores, and before an extension, 8 to 64 hexadecimal digits in lower case, among them
   * both letters and numerals ({@code app.3f2a9c1d.js}, {@code site-55e7cbb9ba48.min.css}). Dates
   * and words are none.
   *
   * @param name of a file, or its path
   */
  static boolean isFingerprinted(String name) {
    int start = name.lastIndexOf('/') + 1;
    int length = 0;
    boolean letters = false;
    boolean numerals = false;
    boolean hex = start < name.length();
    boolean first = true;
    for (int i = start; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '.' || c == '-' || c == '_') {
        boolean digest =
            hex && !first && letters && numerals && length >= SHORTEST && length <= LONGEST;
        if (digest && name.indexOf('.', i) >= 0) {
          return true;
        }
        length = 0;
        letters = false;
        numerals = false;
        hex = true;
        first = false;
        continue;
      }
      length++;
      boolean numeral = c >= '0' && c <= '9';
      boolean letter = c >= 'a' && c <= 'f';
      numerals |= numeral;
      letters |= letter;
      hex &= numeral || letter;
    }
    return false;
  }
}
