package dev.sluice.benchmarks.embedding;

import dev.sluice.python.Attached;
import java.util.concurrent.TimeUnit;
import jep.JepException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Calls of {@code noop()} from one and from eight threads at once: how many in all. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class Threads {
  private static final int BATCH = 1000;
  private static final int MANY = 8;

  @Benchmark
  @OperationsPerInvocation(BATCH)
  @org.openjdk.jmh.annotations.Threads(1)
  public void sluiceBatches1(SluicePython python) {
    batch(python);
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  @org.openjdk.jmh.annotations.Threads(MANY)
  public void sluiceBatches8(SluicePython python) {
    batch(python);
  }

  @Benchmark
  @org.openjdk.jmh.annotations.Threads(1)
  public void sluiceCalls1(SluicePython python) {
    call(python);
  }

  @Benchmark
  @org.openjdk.jmh.annotations.Threads(MANY)
  public void sluiceCalls8(SluicePython python) {
    call(python);
  }

  @Benchmark
  @org.openjdk.jmh.annotations.Threads(1)
  public @Nullable Object jepCalls1(JepPython jep) throws JepException {
    return jep.noop.call();
  }

  @Benchmark
  @org.openjdk.jmh.annotations.Threads(MANY)
  public @Nullable Object jepCalls8(JepPython jep) throws JepException {
    return jep.noop.call();
  }

  private static void batch(SluicePython python) {
    try (Attached py = python.main.attach()) {
      for (int i = 0; i < BATCH; i++) {
        python.noopFunction.run();
      }
    }
  }

  private static void call(SluicePython python) {
    try (Attached py = python.main.attach()) {
      python.noopFunction.run();
    }
  }
}
