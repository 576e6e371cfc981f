package dev.sluice.python;

import java.util.concurrent.CompletableFuture;

/**
 * The CPython of this JVM, opened by the first test that needs it: the embedded one, or the one
 * that the system property {@code sluice.test.python} names.
 */
final class EmbeddedPython {
  private static final CompletableFuture<Python> PYTHON = new CompletableFuture<>();

  static {
    Thread main =
        Python.newThread(
            "python-main",
            () -> {
              try {
                PYTHON.complete(Python.open(TestedPython.options()));
              } catch (Throwable t) {
                PYTHON.completeExceptionally(t);
              }
            });
    main.setDaemon(true);
    main.start();
  }

  private EmbeddedPython() {}

  static Python python() {
    return PYTHON.join();
  }

  static Interpreter main() {
    return python().main();
  }
}
