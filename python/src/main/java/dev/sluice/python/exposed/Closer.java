package dev.sluice.python.exposed;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code sluice-closer}: closes the objects that Python has dropped and that ask for it,
 * one after the other and without the GIL, so that a close may wait for threads that need it.
 */
final class Closer {
  private static final Logger LOG = LoggerFactory.getLogger(Closer.class);
  private static final ThreadPoolExecutor THREAD = newThread();

  private Closer() {}

  private static ThreadPoolExecutor newThread() {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            // Unbounded: whoever hands over is in the midst of deallocating, and can neither wait
            // nor fail; and each entry was an object of Python's before, which was no smaller.
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "sluice-closer");
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  /** Closes the object soon; from any thread. */
  static void close(AutoCloseable object) {
    THREAD.execute(() -> {
      try {
        object.close();
      } catch (Throwable t) {
        LOG.warn("closing a {} that Python dropped failed", object.getClass().getName(), t);
      }
    });
  }

  /** Says what went wrong where nobody can be told. */
  static void report(Throwable t) {
    LOG.warn("a Java object that Python dropped could not be let go", t);
  }
}
