package dev.sluice.python;

import java.nio.file.Path;

/** Which Python the tests run on; opens nothing. */
final class TestedPython {
  private TestedPython() {}

  /** The embedded one, or the one that the system property {@code sluice.test.python} names. */
  static PythonOptions options() {
    String named = System.getProperty("sluice.test.python", "");
    return named.isEmpty() ? PythonOptions.embedded() : PythonOptions.of(Path.of(named));
  }
}
