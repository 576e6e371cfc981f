package dev.sluice.python;

/**
 * The CPython of this JVM, opened by the first test that needs it: the embedded one, or the one
 * that the system property {@code sluice.test.python} names.
 */
final class EmbeddedPython {
  private static final Python PYTHON = Python.open(TestedPython.options());

  private EmbeddedPython() {}

  static Python python() {
    return PYTHON;
  }

  static Interpreter main() {
    return python().main();
  }
}
