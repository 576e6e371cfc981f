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
    CompletableFuture<T> result = new Submission<>();
    try {
      executor.execute(() -> complete(task, result));
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  private <T> void complete(PythonTask<T> task, CompletableFuture<T> result) {
    T value;
    try (Attached py = interpreter.attach()) {
      value = task.run(py);
    } catch (Throwable t) {
      // Whatever the task threw belongs to whoever waits for it.
      result.completeExceptionally(t);
      return;
    }
    result.complete(value);
  }

  void shutdown() {
    executor.shutdown();
  }
}
