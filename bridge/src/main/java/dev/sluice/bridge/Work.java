package dev.sluice.bridge;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Python functions for the workers of their interpreter, the threads {@code sluice-py-I-N}. */
final class Work {
  private Work() {}

  /**
   * Has a worker call a function that catches whatever it may raise.
   *
   * @throws dev.sluice.python.SluiceException if the workers take no more
   */
  static void submit(Attached py, @Nullable Object... arguments) {
    PyObject function = (PyObject) Objects.requireNonNull(arguments[0]);
    CompletableFuture<Boolean> accepted =
        py.interpreter()
            .submit(worker -> {
              try (function) {
                function.call().close();
              }
              return true;
            });
    if (accepted.isCompletedExceptionally()
        && accepted.exceptionNow() instanceof RuntimeException e) {
      throw e;
    }
  }
}
