package dev.sluice.python;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The future of a task that a worker runs; any thread may wait for it, also one that is attached:
 * the GIL, which the worker needs, is given back meanwhile.
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

  @Override
  public T get() throws InterruptedException, ExecutionException {
    ThreadState given = ThreadContext.giveBack();
    try {
      return super.get();
    } finally {
      ThreadContext.takeAgain(given);
    }
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    ThreadState given = ThreadContext.giveBack();
    try {
      return super.get(timeout, unit);
    } finally {
      ThreadContext.takeAgain(given);
    }
  }

  @Override
  public T join() {
    ThreadState given = ThreadContext.giveBack();
    try {
      return super.join();
    } finally {
      ThreadContext.takeAgain(given);
    }
  }
}
