package dev.sluice.guard;

import dev.sluice.python.Python;
import dev.sluice.python.PythonOptions;

/** The one Python that the tests' JVM can open; any thread. */
public final class OnePython {
  public static final Python PYTHON = Python.open(PythonOptions.embedded());

  private OnePython() {}
}
