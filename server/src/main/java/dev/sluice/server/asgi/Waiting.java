package dev.sluice.server.asgi;

import dev.sluice.python.PyObject;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Waits for coroutines, on threads that may block. */
final class Waiting {
  private Waiting() {}

  /**
   * What a coroutine returns; null if it has not by then, or was cancelled.
   *
   * @param deadline in the time of {@link System#nanoTime}
   * @throws RuntimeException what it raised
   */
  static @Nullable PyObject await(CompletableFuture<PyObject> coroutine, long deadline)
      throws InterruptedException {
    try {
      return coroutine.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | CancellationException e) {
      coroutine.cancel(true);
      return null;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new CompletionException(e);
    }
  }
}
