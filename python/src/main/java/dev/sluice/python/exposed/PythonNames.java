package dev.sluice.python.exposed;

import java.util.Set;

/** Names of Java's as Python code can write them; any thread. */
public final class PythonNames {
  private static final Set<String> KEYWORDS =
      Set.of(
          "and",
          "as",
          "async",
          "await",
          "def",
          "del",
          "elif",
          "except",
          "from",
          "global",
          "in",
          "is",
          "lambda",
          "None",
          "nonlocal",
          "not",
          "or",
          "pass",
          "raise",
          "True",
          "False",
          "with",
          "yield");

  private PythonNames() {}

  /** The name, with an underscore behind it if it is a keyword of Python's. */
  static String python(String name) {
    return KEYWORDS.contains(name) ? name + "_" : name;
  }

  /** A name for a field of a named tuple, which may not begin with underscores: they go behind. */
  public static String field(String name) {
    return name.startsWith("_") ? name.replaceFirst("^_+", "") + "_" : python(name);
  }
}
