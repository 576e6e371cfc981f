package dev.sluice.server.files;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads {@code sluice-files-N}, which may block; tasks are handed over by any thread, which
 * does not. They are daemons, and end after ten seconds without work.
 */
final class FilePool implements AutoCloseable {
  private final ThreadPoolExecutor executor;

  /** What is done with a file; never does {@link #run} throw. */
  interface Task extends Runnable {
    /** Is called instead of {@link #run} if the pool is closed before. */
    void abandon();
  }

  /**
   * Makes a pool without threads yet.
   *
   * @param queue how many tasks may wait
   */
  FilePool(int threads, int queue) {
    AtomicInteger number = new AtomicInteger();
    executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(queue),
            task ->
                Thread.ofPlatform()
                    .name("sluice-files-" + number.incrementAndGet())
                    .daemon(true)
                    .unstarted(task));
    executor.allowCoreThreadTimeOut(true);
  }

  /** Takes a task; false if too many wait, or the pool is closed. */
  boolean offer(Task task) {
    try {
      executor.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Ends the threads after what they are at; does not wait for them. */
  @Override
  public void close() {
    executor.shutdown();
    for (Runnable task = executor.getQueue().poll();
        task != null;
        task = executor.getQueue().poll()) {
      ((Task) task).abandon();
    }
  }
}
