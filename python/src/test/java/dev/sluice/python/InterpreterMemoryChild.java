package dev.sluice.python;

import dev.sluice.python.capi.LifecycleApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Opens and closes interpreters, and says what memory each has left behind; {@link InterpreterTest}
 * starts it. CPython leaves some itself, 3.13 a lot.
 */
final class InterpreterMemoryChild {
  private static final int WARM_UP = 10;
  private static final int ROUNDS = 30;

  private InterpreterMemoryChild() {}

  public static void main(String[] arguments) throws Exception {
    try (Python python = Python.open(TestedPython.options())) {
      measure(python, "shared", InterpreterOptions.sharedGil());
      if (LifecycleApi.minorVersion() >= 13) {
        measure(python, "own", InterpreterOptions.ownGil());
      }
    }
  }

  private static void measure(Python python, String kind, InterpreterOptions options)
      throws IOException {
    long plain = perInterpreter(python, options, py -> py.exec("import json, collections.abc"));
    long withJava = perInterpreter(python, options, InterpreterMemoryChild::useJava);
    System.out.printf("%s plain %d kB, with Java %d kB%n", kind, plain, withJava);
  }

  private static void useJava(Attached py) {
    py.module("of_java").function("twice", java.util.function.IntUnaryOperator.class, x -> 2 * x);
    py.exec(
        """
        import json, collections.abc, of_java
        import sluice.java
        made = sluice.java.type('java.util.ArrayList')()
        made.add(sluice.java.type('java.lang.Thread')())
        made.add(of_java.twice(21))
        try:
            made.get(7)
        except sluice.java.type('java.lang.IndexOutOfBoundsException') as e:
            kept = e
        for name in dir(made):
            getattr(made, name)
        """);
    PyObject left = py.eval("[made, kept, json]");
    left.attr("__class__"); // left open, as this is
  }

  private static long perInterpreter(
      Python python, InterpreterOptions options, Consumer<Attached> use) throws IOException {
    long before = 0;
    for (int i = -WARM_UP; i < ROUNDS; i++) {
      if (i == 0) {
        before = resident();
      }
      Interpreter other = python.newInterpreter(options);
      try (Attached py = other.attach()) {
        use.accept(py);
      }
      if (!other.shutdown(Duration.ofSeconds(10)).finalised()) {
        System.out.println("not finalised");
      }
    }
    return (resident() - before) / ROUNDS;
  }

  private static long resident() throws IOException {
    System.gc();
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
