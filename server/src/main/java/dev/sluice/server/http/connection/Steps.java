package dev.sluice.server.http.connection;

/**
 * The steps of one answer on their way to the IO thread, where they are taken in the order in which
 * they were given: given by any thread, with the exchange locked.
 *
 * <p>On an IO thread that defers its flushes a step is taken at once, unless one that another
 * thread gave before is still on its way. Elsewhere each is a task, so that what a handler does
 * while it is given the request comes behind what the connection does then.
 */
public final class Steps {
  private final IoThread io;

  /** How many have become tasks, and (counted while flushes are deferred) how many were taken. */
  private int given;

  private int taken;

  Steps(IoThread io) {
    this.io = io;
  }

  /** Gives a step behind which others may come. */
  public void give(Runnable step) {
    if (io.defersHere() && given == taken) {
      step.run();
    } else {
      queue(step);
    }
  }

  /** Gives the last of several. */
  public void giveLast(Runnable step) {
    if (io.defersFlushes()) {
      giveWhole(step);
    } else {
      queue(step);
    }
  }

  /** Gives the one that is the whole answer, if nothing informational has gone before. */
  public void giveWhole(Runnable step) {
    if (given == taken) {
      io.runSoon(step);
    } else {
      queue(step);
    }
  }

  /** {@link #taken} belongs to the IO thread: it is off by steps on their way for all others. */
  private void queue(Runnable step) {
    given++;
    if (io.defersFlushes()) {
      io.loop()
          .execute(() -> {
            taken++;
            step.run();
          });
    } else {
      io.loop().execute(step);
    }
  }
}
