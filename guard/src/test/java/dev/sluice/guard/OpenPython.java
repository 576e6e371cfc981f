package dev.sluice.guard;

import dev.sluice.python.Python;
import dev.sluice.python.PythonOptions;

/** The one Python that the tests of this module can open. */
public final class OpenPython {
  /** For all of them. */
  public static final Python PYTHON = Python.open(PythonOptions.embedded());

  private OpenPython() {}
}
