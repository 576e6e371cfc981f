package dev.sluice.benchmarks.embedding;

import dev.sluice.python.Attached;
import jep.JepException;
import org.openjdk.jmh.annotations.Benchmark;

/** A call of {@code def upper(text): return text.upper()} from Java, with 100 characters. */
public class Upper extends Timed {
  private String text = "The quick brown fox. ".repeat(5).substring(0, 100);

  @Benchmark
  public String jepCall(JepPython jep) throws JepException {
    return (String) jep.upper.call(text);
  }

  @Benchmark
  public String jepCallAs(JepPython jep) throws JepException {
    return jep.upper.callAs(String.class, text);
  }

  @Benchmark
  public String jepInvoke(JepPython jep) throws JepException {
    return (String) jep.interpreter.invoke("upper", text);
  }

  @Benchmark
  public String sluiceFunction(SluicePython python, SluicePython.Attachment attachment) {
    return python.upperFunction.callAs(String.class, text);
  }

  @Benchmark
  public String sluiceFunctionAttaching(SluicePython python) {
    try (Attached py = python.main.attach()) {
      return python.upperFunction.callAs(String.class, text);
    }
  }

  @Benchmark
  public String sluiceObjectAttaching(SluicePython python) {
    try (Attached py = python.main.attach()) {
      return python.upper.call(text).as(String.class);
    }
  }
}
