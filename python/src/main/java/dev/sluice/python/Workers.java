package dev.sluice.python;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The platform threads {@code sluice-py-I-N} of one interpreter: they start on demand, run tasks
 * attached, may block, and end after a minute without work.
 *
 * <p>A worker that waits for a task of another one ({@link Submission}) makes room for one more
 * thread meanwhile: else tasks that wait for tasks would starve as soon as all workers waited.
 */
final class Workers {
  /** So many tasks run at a time, those that wait for another one not counted. */
  static final int MOST = 64;

  /** So many threads there are at the most. */
  static final int MOST_THREADS = 1024;

  /** So many tasks wait for a thread. */
  static final int MOST_QUEUED = 65_536;

  /** The workers that the calling thread is one of. */
  private static final ThreadLocal<@Nullable Workers> OWN = new ThreadLocal<>();

  private final Interpreter interpreter;
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicInteger queued = new AtomicInteger();
  private final ThreadPoolExecutor executor;

  /** How many threads wait for a task; guarded by this. */
  private int waiting;

  Workers(Interpreter interpreter) {
    this.interpreter = interpreter;
    executor =
        new ThreadPoolExecutor(
            MOST, MOST, 60, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::newThread);
    executor.setMaximumPoolSize(MOST_THREADS);
    executor.allowCoreThreadTimeOut(true);
  }

  private Thread newThread(Runnable task) {
    String name = "sluice-py-" + interpreter.name() + "-" + count.incrementAndGet();
    Thread thread =
        Python.newThread(
            name,
            () -> {
              OWN.set(this);
              task.run();
            });
    thread.setDaemon(true);
    return thread;
  }

  <T> CompletableFuture<T> submit(PythonTask<T> task) {
    Submission<T> result = new Submission<>();
    // Not the queue's own bound: the executor would start all the threads that it may instead.
    if (queued.incrementAndGet() > MOST_QUEUED) {
      queued.decrementAndGet();
      result.completeExceptionally(full());
      return result;
    }
    try {
      executor.execute(() -> {
        queued.decrementAndGet();
        result.run(interpreter, task);
      });
    } catch (RejectedExecutionException e) {
      queued.decrementAndGet();
      result.completeExceptionally(interpreter.closedError());
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

  /** Notes that the calling thread, if it is a worker, is about to wait for a task. */
  static void beginWaiting() {
    Workers own = OWN.get();
    if (own != null) {
      own.addWaiting(1);
    }
  }

  /** Undoes {@link #beginWaiting}. */
  static void endWaiting() {
    Workers own = OWN.get();
    if (own != null) {
      own.addWaiting(-1);
    }
  }

  private synchronized void addWaiting(int change) {
    int now = waiting + change;
    if (change > 0 && MOST + now > MOST_THREADS) {
      throw tooManyWaiting();
    }
    // Starts a thread at once where a task is queued.
    executor.setCorePoolSize(MOST + now);
    waiting = now;
  }

  private SluiceException full() {
    return new SluiceException(
        PythonError.WORKERS_FULL,
        "%d tasks wait for the workers of the interpreter %s, and no further one is taken. Submit"
                .formatted(MOST_QUEUED, interpreter.name())
            + " more slowly: wait for earlier tasks before.");
  }

  private SluiceException tooManyWaiting() {
    return new SluiceException(
        PythonError.WORKERS_WAIT,
        "%d workers of the interpreter %s wait for tasks of others, and a further one would not"
                .formatted(waiting, interpreter.name())
            + " leave enough to run them. Do not let tasks wait for tasks that they submit so"
            + " deeply; compose the futures instead.");
  }

  void shutdown() {
    executor.shutdown();
  }
}
