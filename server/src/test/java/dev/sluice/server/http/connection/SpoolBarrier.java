package dev.sluice.server.http.connection;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits until everything that was to be stored is; any thread that may block. */
public final class SpoolBarrier {
  private SpoolBarrier() {}

  /** Returns when {@code sluice-spool} has done all that it was given before. */
  public static void await() {
    CountDownLatch reached = new CountDownLatch(1);
    Spool.WRITER.execute(reached::countDown);
    try {
      if (!reached.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("bodies are not stored any more");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
