package dev.sluice.benchmarks.embedding;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyFunction;
import dev.sluice.python.PyObject;
import dev.sluice.python.Python;
import dev.sluice.python.PythonOptions;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Sluice with the measured functions, for any number of threads; they attach themselves. */
@State(Scope.Benchmark)
public class SluicePython {
  private final Python python =
      Python.open(PythonOptions.of(Settings.environment().resolve("bin/python")));
  final Interpreter main = python.main();
  final PyObject noop = measured(main, "noop");
  final PyObject add = measured(main, "add");
  final PyObject upper = measured(main, "upper");
  final PyFunction noopFunction = noop.function();
  final PyFunction addFunction = add.function();
  final PyFunction upperFunction = upper.function();

  /** What measured.py defines under the name. */
  static PyObject measured(Interpreter main, String name) {
    try (Attached py = main.attach()) {
      PyObject path = py.importModule("sys").attr("path");
      String folder = Settings.measured().toString();
      if (!path.contains(folder)) {
        path.callMethod("insert", 0, folder);
      }
      return py.importModule("measured").attr(name);
    }
  }

  /** Ends CPython. */
  @TearDown
  public void close() {
    python.close();
  }

  /** A scope that stays open on the calling thread, as around a batch of calls. */
  @State(Scope.Thread)
  @SuppressWarnings("NullAway.Init") // set by open
  public static class Attachment {
    private Attached py;

    /**
     * Attaches. For each iteration, because JMH may end CPython before what is for the whole run.
     */
    @Setup(Level.Iteration)
    public void open(SluicePython python) {
      py = python.main.attach();
    }

    /** Detaches. */
    @TearDown(Level.Iteration)
    public void close() {
      py.close();
    }
  }
}
