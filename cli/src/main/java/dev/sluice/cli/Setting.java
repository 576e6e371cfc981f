package dev.sluice.cli;

import java.util.List;
import java.util.Locale;

/**
 * One thing that can be set: by a flag, by an environment variable, or in the file; the names
 * differ only in spelling.
 *
 * @param name without dashes in front: {@code app-dir}
 * @param kind what a value looks like
 * @param label what stands for the value in the help text
 * @param fallback the value when nobody sets it; empty when there is none
 * @param help one or two sentences
 */
record Setting(String name, Kind kind, String label, String fallback, String help) {
  /** What a value looks like. */
  sealed interface Kind {}

  /** Any text, or a path. */
  record Text() implements Kind {}

  /** Several texts: a flag given several times, text with commas, or an array in the file. */
  record Texts() implements Kind {}

  /** A flag without a value. */
  record Switch() implements Kind {}

  /** One of a few words. */
  record Choice(List<String> words) implements Kind {}

  /** A whole number. */
  record Whole(long least, long most) implements Kind {}

  /** A number of bytes, also with K, M or G behind it. */
  record Bytes(long least, long most) implements Kind {}

  /** Seconds, also with a fraction. */
  record Seconds(double most) implements Kind {}

  String flag() {
    return "--" + name;
  }

  String environmentName() {
    return "SLUICE_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
