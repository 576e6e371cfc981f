package dev.sluice.python;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The thread that one interpreter was made on, which is that interpreter's main thread as Python
 * sees it, and which ends it: {@code sluice-main-I}, or for the main interpreter whichever thread
 * has opened Python for itself. Any thread may hand it a task, and wait for that: the GIL, which
 * the task needs, is given back meanwhile.
 */
final class MainThread {
  /** So many tasks wait for their turn. */
  static final int MOST_QUEUED = 65_536;

  private final Thread thread;
  private final boolean ours;
  private final boolean anybody;

  /** What waits to be run; its own lock, under which nothing is run. */
  private final Queue<Task<?>> tasks = new ArrayDeque<>();

  /** Whether no more tasks are taken; guarded by {@link #tasks}. */
  private boolean ended;

  /** A task, and the future of whoever handed it over. */
  private record Task<T extends @Nullable Object>(Supplier<T> code, CompletableFuture<T> result) {
    void run() {
      try {
        result.complete(code.get());
      } catch (Throwable t) {
        // Whatever the task threw belongs to whoever waits for it.
        result.completeExceptionally(t);
      }
    }
  }

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
    for (Task<?> task = next(); task != null; task = next()) {
      task.run();
      // A task that leaves the flag set would end the next one's waits.
      Thread.interrupted();
    }
  }

  /** Waits for a task; null when there will be none any more. */
  private @Nullable Task<?> next() {
    synchronized (tasks) {
      while (tasks.isEmpty() && !ended) {
        try {
          tasks.wait();
        } catch (InterruptedException e) {
          // Nobody ends this thread but end().
        }
      }
      return tasks.poll();
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

  /**
   * Runs a task on this thread: at once if that is the calling one, else when its turn comes. The
   * future fails with SL131 if this thread takes no tasks, with SL135 if it takes none any more.
   * Such a task is our own, and taken however many wait.
   */
  <T extends @Nullable Object> CompletableFuture<T> submit(Supplier<T> code) {
    return submit(code, Integer.MAX_VALUE);
  }

  private <T extends @Nullable Object> CompletableFuture<T> submit(Supplier<T> code, int most) {
    Task<T> task = new Task<>(code, new Submission<>("a task of " + thread.getName(), thread));
    if (isCurrent()) {
      task.run();
    } else if (!ours) {
      task.result.completeExceptionally(wrongThread());
    } else {
      SluiceException refusal = add(task, most);
      if (refusal != null) {
        task.result.completeExceptionally(refusal);
      }
    }
    return task.result;
  }

  /** The same for a task that wants to be attached; it fails with SL141 if too many wait. */
  <T extends @Nullable Object> CompletableFuture<T> submit(
      Interpreter interpreter, PythonTask<T> task) {
    return submit(
        () -> {
          try (Attached py = interpreter.attach()) {
            return task.run(py);
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        MOST_QUEUED);
  }

  /** Why it is not taken, or null. */
  private @Nullable SluiceException add(Task<?> task, int most) {
    synchronized (tasks) {
      if (ended) {
        return endedError();
      }
      if (tasks.size() >= most) {
        return fullError(most);
      }
      tasks.add(task);
      tasks.notifyAll();
      return null;
    }
  }

  /** What to say where so many tasks wait for a main thread that it takes no more. */
  static SluiceException fullError(int most) {
    return new SluiceException(
        PythonError.WORKERS_FULL,
        "%d tasks wait for Python's main thread, and no further one is taken. Submit more slowly:"
                .formatted(most)
            + " wait for earlier tasks before.");
  }

  /** Takes no more tasks: those that wait fail, and the thread ends after the present one. */
  void end() {
    List<Task<?>> left;
    synchronized (tasks) {
      ended = true;
      left = new ArrayList<>(tasks);
      tasks.clear();
      tasks.notifyAll();
    }
    left.forEach(task -> task.result.completeExceptionally(endedError()));
  }

  SluiceException wrongThread() {
    return new SluiceException(
        PythonError.WRONG_THREAD,
        "Python was opened on thread %s for that thread's own use, and thread %s cannot run"
                .formatted(Errors.name(thread), Errors.name(Thread.currentThread()))
            + " anything there. Do it on that thread, or open with Python.open.");
  }

  private SluiceException endedError() {
    return new SluiceException(
        PythonError.INTERPRETER_CLOSED,
        "thread %s runs nothing more, because its interpreter is closed. Keep it open until every"
                .formatted(Errors.name(thread))
            + " caller is done.");
  }
}
