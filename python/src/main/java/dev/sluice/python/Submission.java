package dev.sluice.python;

import org.jspecify.annotations.Nullable;

/** The future of a task that a worker, or the main thread, runs; any thread. */
final class Submission<T extends @Nullable Object> extends PythonFuture<T> {
  private final String what;
  private volatile @Nullable Thread runner;

  /** A task that any of several threads may take. */
  Submission() {
    this("a task of the workers", null);
  }

  /**
   * A task that one thread runs.
   *
   * @param what names the task
   */
  Submission(String what, @Nullable Thread runner) {
    this.what = what;
    this.runner = runner;
  }

  /** Runs the task on the calling thread, attached. */
  void run(Interpreter interpreter, PythonTask<T> task) {
    runner = Thread.currentThread();
    T value;
    try (Attached py = interpreter.attach()) {
      value = task.run(py);
    } catch (Throwable t) {
      // Whatever the task threw belongs to whoever waits for it.
      completeExceptionally(t);
      return;
    } finally {
      runner = null;
    }
    complete(value);
  }

  @Override
  public @Nullable Thread runner() {
    return runner;
  }

  @Override
  public String what() {
    return what;
  }
}
