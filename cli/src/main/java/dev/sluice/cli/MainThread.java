package dev.sluice.cli;

import dev.sluice.python.Python;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * {@code sluice-main}, the thread that opens Python and so becomes its main thread: Java's own has
 * a stack that Python can overrun.
 */
final class MainThread {
  private MainThread() {}

  /** Runs a task there, waits for its end, and passes on what it throws. */
  static int run(Callable<Integer> task) {
    CompletableFuture<Integer> result = new CompletableFuture<>();
    Thread thread =
        Python.newThread(
            "sluice-main",
            () -> {
              try {
                result.complete(task.call());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            });
    thread.start();
    try {
      return result.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw e;
      }
    }
  }
}
