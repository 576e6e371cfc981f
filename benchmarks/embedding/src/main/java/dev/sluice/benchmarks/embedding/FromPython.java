package dev.sluice.benchmarks.embedding;

import dev.sluice.python.Attached;
import dev.sluice.python.PyFunction;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
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

  /** Loops over a Java object's method in Jep. */
  @State(Scope.Thread)
  @SuppressWarnings("NullAway.Init") // set by open
  public static class JepLoops {
    private PyCallable method;
    private PyCallable boundMethod;

    /** On the thread that is measured. */
    @Setup
    public void open(JepPython jep) throws JepException {
      jep.interpreter.exec("from functools import partial");
      jep.interpreter.set("target", new Adder());
      method = jep.interpreter.getValue("partial(call_method, target)", PyCallable.class);
      boundMethod =
          jep.interpreter.getValue("partial(call_function, target.add)", PyCallable.class);
    }
  }

  /** The same in Sluice. */
  @State(Scope.Thread)
  @SuppressWarnings("NullAway.Init") // set by open
  public static class SluiceLoops {
    private PyFunction builtin;

    /** On the thread that is measured. */
    @Setup
    public void open(SluicePython python) {
      try (Attached py = python.main.attach()) {
        PyObject partial = py.importModule("functools").attr("partial");
        PyObject builtinAdd = py.own(Callbacks.define("add", "The sum.", FromPython::add).bind(0));
        builtin =
            partial
                .call(SluicePython.measured(python.main, "call_function"), builtinAdd)
                .function();
      }
    }
  }

  private static long add(long self, long arguments, long count, long keywordNames) {
    int a = (int) NumberApi.asLong(Memory.getLong(arguments));
    int b = (int) NumberApi.asLong(Memory.getLong(arguments + 8));
    return NumberApi.fromLong(a + b);
  }

  @Benchmark
  @OperationsPerInvocation(TIMES)
  public Object jepMethod(JepPython jep, JepLoops loops) throws JepException {
    return loops.method.call(TIMES);
  }

  @Benchmark
  @OperationsPerInvocation(TIMES)
  public Object jepBoundMethod(JepPython jep, JepLoops loops) throws JepException {
    return loops.boundMethod.call(TIMES);
  }

  @Benchmark
  @OperationsPerInvocation(TIMES)
  public long sluiceBuiltin(
      SluicePython python, SluicePython.Attachment attachment, SluiceLoops loops) {
    return loops.builtin.callLong(TIMES);
  }
}
