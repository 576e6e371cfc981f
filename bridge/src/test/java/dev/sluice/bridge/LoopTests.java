package dev.sluice.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.Python;
import dev.sluice.python.PythonOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A loop for each test, on the one Python that this JVM can open; it ends with the JVM. On the
 * tests' thread.
 */
abstract class LoopTests {
  static final Python PYTHON = Python.open(PythonOptions.embedded());

  final Interpreter main = PYTHON.main();

  Loop loop;

  @BeforeEach
  void start() {
    loop = Loop.start(main, LoopOptions.of());
  }

  @AfterEach
  void stop() {
    loop.close();
    assertThat(loop.thread().isAlive()).isFalse();
  }

  PyObject function(String source, String name) {
    try (Attached py = main.attach()) {
      py.exec(source);
      return py.eval(name);
    }
  }

  static <T> T soon(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  int intOf(PyObject object) {
    try (Attached py = main.attach()) {
      return object.as(Integer.class);
    }
  }
}
