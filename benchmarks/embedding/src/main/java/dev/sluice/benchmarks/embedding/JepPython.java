package dev.sluice.benchmarks.embedding;

import jep.Interpreter;
import jep.JepException;
import jep.MainInterpreter;
import jep.PyConfig;
import jep.SharedInterpreter;
import jep.python.PyCallable;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Jep with the measured functions: an interpreter for each thread, which alone may use it. */
@State(Scope.Thread)
public class JepPython {
  static {
    MainInterpreter.setJepLibraryPath(Settings.jepLibrary().toString());
    MainInterpreter.setInitParams(
        PyConfig.isolated()
            .setProgramName(Settings.environment().resolve("bin/python").toString()));
  }

  final Interpreter interpreter = new SharedInterpreter();
  final PyCallable noop;
  final PyCallable add;
  final PyCallable upper;

  /** On the thread that is measured. */
  public JepPython() {
    importMeasured(interpreter);
    noop = interpreter.getValue("noop", PyCallable.class);
    add = interpreter.getValue("add", PyCallable.class);
    upper = interpreter.getValue("upper", PyCallable.class);
  }

  private static void importMeasured(Interpreter interpreter) throws JepException {
    interpreter.set("measured", Settings.measured().toString());
    interpreter.exec("import sys");
    interpreter.exec("sys.path.insert(0, measured)");
    interpreter.exec("from measured import *");
  }

  /** On the same thread. */
  @TearDown
  public void close() throws JepException {
    interpreter.close();
  }
}
