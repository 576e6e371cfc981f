package dev.sluice.benchmarks.embedding;

import dev.sluice.python.Attached;
import jep.JepException;
import org.openjdk.jmh.annotations.Benchmark;

/** A call of {@code def add(a, b): return a + b} from Java, int and int to int. */
public class Add extends Timed {
  private int a = 1234;
  private int b = 5678;

  @Benchmark
  public int jepCall(JepPython jep) throws JepException {
    return ((Long) jep.add.call(a, b)).intValue();
  }

  @Benchmark
  public int jepCallAs(JepPython jep) throws JepException {
    return jep.add.callAs(Integer.class, a, b);
  }

  @Benchmark
  public int jepInvoke(JepPython jep) throws JepException {
    return ((Long) jep.interpreter.invoke("add", a, b)).intValue();
  }

  @Benchmark
  public int sluiceFunction(SluicePython python, SluicePython.Attachment attachment) {
    return Math.toIntExact(python.addFunction.callLong(a, b));
  }

  @Benchmark
  public int sluiceFunctionAs(SluicePython python, SluicePython.Attachment attachment) {
    return python.addFunction.callAs(int.class, a, b);
  }

  @Benchmark
  public int sluiceFunctionAttaching(SluicePython python) {
    try (Attached py = python.main.attach()) {
      return Math.toIntExact(python.addFunction.callLong(a, b));
    }
  }

  @Benchmark
  public int sluiceObjectAttaching(SluicePython python) {
    try (Attached py = python.main.attach()) {
      return python.add.call(a, b).as(int.class);
    }
  }
}
