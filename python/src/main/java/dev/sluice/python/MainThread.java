package dev.sluice.python;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/**
 * The thread that one interpreter was made on, which is that interpreter's main thread as Python
 * sees it, and which ends it: {@code sluice-main-I}, or for the main interpreter whichever thread
 * has opened Python for itself.
 */
final class MainThread {
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final Thread thread;
  private final boolean ours;
  private final boolean anybody;

  /** Written and read by the thread itself. */
  private boolean ended;

  private MainThread(Thread thread, boolean ours, boolean anybody) {
    this.thread = thread;
    this.ours = ours;
    this.anybody = anybody;
  }

  /** The calling thread, which does something else and takes no tasks from others. */
  static MainThread calling() {
    return new MainThread(Thread.currentThread(), false, false);
  }

  /** Whichever thread asks for something does it, where CPython's main thread is not needed. */
  static MainThread whoeverAsks() {
    return new MainThread(Thread.currentThread(), false, true);
  }

  /** A new thread that waits for tasks. */
  static MainThread start(String name) {
    MainThread[] self = new MainThread[1];
    Thread thread = Python.newThread(name, () -> self[0].run());
    thread.setDaemon(true);
    self[0] = new MainThread(thread, true, false);
    thread.start();
    return self[0];
  }

  private void run() {
    try {
      while (!ended) {
        tasks.take().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  Thread thread() {
    return thread;
  }

  boolean isCurrent() {
    return anybody || Thread.currentThread() == thread;
  }

  /** Whether tasks of other threads are run. */
  boolean takesTasks() {
    return ours;
  }

  /** Runs a task on this thread: at once if that is the calling one, else when its turn comes. */
  <T> CompletableFuture<T> submit(Supplier<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Runnable run =
        () -> {
          try {
            result.complete(task.get());
          } catch (Throwable t) {
            result.completeExceptionally(t);
          }
        };
    if (isCurrent()) {
      run.run();
    } else if (ours) {
      tasks.add(run);
    } else {
      result.completeExceptionally(
          new SluiceException(
              PythonError.WRONG_THREAD,
              "Python was opened on thread %s for that thread's own use, and thread %s cannot run"
                      .formatted(Errors.name(thread), Errors.name(Thread.currentThread()))
                  + " anything there. Do it on that thread, or open with Python.open."));
    }
    return result;
  }

  /** Lets the thread end once its tasks are done. */
  void end() {
    tasks.add(() -> ended = true);
  }
}
