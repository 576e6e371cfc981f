package dev.sluice.python;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The future of a task that a worker runs; any thread may wait for it, also one that is attached:
 * the GIL, which the worker needs, is given back meanwhile. Another worker that waits is replaced
 * as long as it does.
 */
final class Submission<T extends @Nullable Object> extends CompletableFuture<T> {
  /** Runs the task on the calling thread, attached. */
  void run(Interpreter interpreter, PythonTask<T> task) {
    T value;
    try (Attached py = interpreter.attach()) {
      value = task.run(py);
    } catch (Throwable t) {
      // Whatever the task threw belongs to whoever waits for it.
      completeExceptionally(t);
      return;
    }
    complete(value);
  }

  @Override
  public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
    return new Submission<>();
  }

  /** A way of waiting. */
  private interface Wait<T extends @Nullable Object> {
    T run() throws InterruptedException, ExecutionException, TimeoutException;
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    try {
      return await(super::get);
    } catch (TimeoutException e) {
      throw new AssertionError("a wait without a limit", e);
    }
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    return await(() -> super.get(timeout, unit));
  }

  @Override
  public T join() {
    try {
      return await(super::join);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("not thrown by join", e);
    }
  }

  private T await(Wait<T> wait) throws InterruptedException, ExecutionException, TimeoutException {
    if (isDone()) {
      return wait.run();
    }
    Workers own = Workers.beginWaiting();
    try {
      ThreadState given = ThreadContext.giveBack();
      try {
        return wait.run();
      } finally {
        ThreadContext.takeAgain(given);
      }
    } finally {
      Workers.endWaiting(own);
    }
  }
}
