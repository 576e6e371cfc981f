package dev.sluice.cli;

import java.util.List;

/**
 * What was set, and by whom.
 *
 * @param texts one text, or several for a setting that may have several
 * @param origin as the user wrote it: {@code --threads}, {@code SLUICE_THREADS}, or a file's line
 */
record Value(List<String> texts, String origin) {
  static Value of(String text, String origin) {
    return new Value(List.of(text), origin);
  }

  /** The last one counts, as everywhere on command lines. */
  String text() {
    return texts.getLast();
  }

  /** For messages: {@code --threads=0}. */
  String shown() {
    return origin + "=" + text();
  }
}
