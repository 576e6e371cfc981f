package dev.sluice.python;

import java.util.function.IntBinaryOperator;

/** A service that the tests' class path offers. */
public final class SampleModule implements PythonModule {
  public SampleModule() {}

  @Override
  public String name() {
    return "sample_of_java";
  }

  @Override
  public void fill(ModuleBuilder module) {
    module
        .type(Sample.class)
        .type("Ticker", Ticker.class)
        .function("add", IntBinaryOperator.class, Integer::sum)
        .function("count", (py, arguments) -> arguments.length)
        .functions(Sample.Statics.class)
        .value("answer", 42);
  }
}
