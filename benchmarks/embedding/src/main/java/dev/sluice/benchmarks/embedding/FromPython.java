package dev.sluice.benchmarks.embedding;

import dev.sluice.python.Attached;
import dev.sluice.python.PyFunction;
import dev.sluice.python.PyObject;
import jep.JepException;
import jep.python.PyCallable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Calls of {@code int add(int, int)} of Java from a loop in Python, the loop included. */
public class FromPython extends Timed {
  private static final int TIMES = 1000;

  /** Loops over a Java object's method in Jep, on the thread that is measured. */
  @State(Scope.Thread)
  public static class JepLoops extends JepPython {
    private final PyCallable method;
    private final PyCallable boundMethod;

    public JepLoops() throws JepException {
      interpreter.exec("from functools import partial");
      interpreter.set("target", new Adder());
      method = interpreter.getValue("partial(call_method, target)", PyCallable.class);
      boundMethod = interpreter.getValue("partial(call_function, target.add)", PyCallable.class);
    }
  }

  /** The same in Sluice. */
  @State(Scope.Benchmark)
  @SuppressWarnings("NullAway.Init") // set by open
  public static class SluiceLoops {
    private PyFunction method;
    private PyFunction boundMethod;
    private PyFunction shortMethod;
    private PyFunction shortBoundMethod;

    /** Makes them. */
    @Setup
    public void open(SluicePython python) {
      try (Attached py = python.main.attach()) {
        PyObject partial = py.importModule("functools").attr("partial");
        PyObject callMethod = SluicePython.measured(python.main, "call_method");
        PyObject callFunction = SluicePython.measured(python.main, "call_function");
        PyObject adder = py.toPython(new Adder());
        PyObject shortAdder = py.toPython(new Adder.KeepingGil());
        method = partial.call(callMethod, adder).function();
        boundMethod = partial.call(callFunction, adder.attr("add")).function();
        shortMethod = partial.call(callMethod, shortAdder).function();
        shortBoundMethod = partial.call(callFunction, shortAdder.attr("add")).function();
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(TIMES)
  public Object jepMethod(JepLoops jep) throws JepException {
    return jep.method.call(TIMES);
  }

  @Benchmark
  @OperationsPerInvocation(TIMES)
  public Object jepBoundMethod(JepLoops jep) throws JepException {
    return jep.boundMethod.call(TIMES);
  }

  @Benchmark
  @OperationsPerInvocation(TIMES)
  public long sluiceMethod(
      SluicePython python, SluicePython.Attachment attachment, SluiceLoops loops) {
    return loops.method.callLong(TIMES);
  }

  @Benchmark
  @OperationsPerInvocation(TIMES)
  public long sluiceBoundMethod(
      SluicePython python, SluicePython.Attachment attachment, SluiceLoops loops) {
    return loops.boundMethod.callLong(TIMES);
  }

  @Benchmark
  @OperationsPerInvocation(TIMES)
  public long sluiceKeepGilMethod(
      SluicePython python, SluicePython.Attachment attachment, SluiceLoops loops) {
    return loops.shortMethod.callLong(TIMES);
  }

  @Benchmark
  @OperationsPerInvocation(TIMES)
  public long sluiceKeepGilBoundMethod(
      SluicePython python, SluicePython.Attachment attachment, SluiceLoops loops) {
    return loops.shortBoundMethod.callLong(TIMES);
  }
}
