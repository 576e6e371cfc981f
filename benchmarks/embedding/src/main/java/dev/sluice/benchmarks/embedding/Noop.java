package dev.sluice.benchmarks.embedding;

import dev.sluice.python.Attached;
import jep.JepException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;

/** A call of {@code def noop(): pass} from Java. */
public class Noop extends Timed {
  @Benchmark
  public @Nullable Object jepCall(JepPython jep) throws JepException {
    return jep.noop.call();
  }

  @Benchmark
  public @Nullable Object jepInvoke(JepPython jep) throws JepException {
    return jep.interpreter.invoke("noop");
  }

  @Benchmark
  public void sluiceFunction(SluicePython python, SluicePython.Attachment attachment) {
    python.noopFunction.run();
  }

  @Benchmark
  public void sluiceFunctionAttaching(SluicePython python) {
    try (Attached py = python.main.attach()) {
      python.noopFunction.run();
    }
  }

  @Benchmark
  public boolean sluiceObjectAttaching(SluicePython python) {
    try (Attached py = python.main.attach()) {
      return python.noop.call().isNone();
    }
  }
}
