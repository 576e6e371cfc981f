package dev.sluice.python;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The platform threads {@code sluice-py-I-N} of one interpreter: they start on demand, run tasks
 * attached, may block, and end after a minute without work.
 */
final class Workers {
  private static final int MOST = 64;
  private static final int MOST_WAITING = 65_536;

  private final Interpreter interpreter;
  private final AtomicInteger count = new AtomicInteger();
  private final ThreadPoolExecutor executor;

  Workers(Interpreter interpreter) {
    this.interpreter = interpreter;
    executor =
        new ThreadPoolExecutor(
            MOST,
            MOST,
            60,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            task -> {
              String name = "sluice-py-" + interpreter.name() + "-" + count.incrementAndGet();
              Thread thread = Python.newThread(name, task);
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  <T> CompletableFuture<T> submit(PythonTask<T> task) {
    Submission<T> result = new Submission<>();
    try {
      executor.execute(() -> result.run(interpreter, task));
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  /** Waits for threads that have nothing to do any more, after shutdown. */
  void awaitEnd(long deadline) {
    try {
      executor.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void shutdown() {
    executor.shutdown();
  }
}
