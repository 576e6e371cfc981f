package dev.sluice.bridge;

import dev.sluice.python.Attached;
import dev.sluice.python.PythonFuture;
import dev.sluice.python.PythonTask;
import org.jspecify.annotations.Nullable;

/** Java code for a loop's thread; begun there, waited for by any. */
final class LoopTask<T extends @Nullable Object> extends PythonFuture<T> {
  private final Thread thread;
  private final PythonTask<T> task;

  LoopTask(Thread thread, PythonTask<T> task) {
    this.thread = thread;
    this.task = task;
  }

  /** Runs it, unless nobody wants it any more; on the loop's thread, attached. */
  void run(Attached py) {
    if (isDone()) {
      return;
    }
    try {
      complete(task.run(py));
    } catch (Throwable t) {
      // Whatever the task threw belongs to whoever waits for it.
      completeExceptionally(t);
    }
  }

  @Override
  public Thread runner() {
    return thread;
  }

  @Override
  public String what() {
    return "Java code on " + thread.getName();
  }
}
