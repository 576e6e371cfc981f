package dev.sluice.server.http.connection;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory the bodies of all requests of a server may have together, beyond a little that
 * each connection has for itself ({@link BodyAllowance}); any thread.
 */
public final class BodyMemory {
  private final AtomicLong free;

  /**
   * Shares out memory.
   *
   * @param bytes what there is
   */
  public BodyMemory(long bytes) {
    free = new AtomicLong(bytes);
  }

  /** Takes some, if there is as much. */
  boolean take(long bytes) {
    if (free.addAndGet(-bytes) >= 0) {
      return true;
    }
    free.addAndGet(bytes);
    return false;
  }

  void giveBack(long bytes) {
    free.addAndGet(bytes);
  }

  /** How many bytes nobody has. */
  public long free() {
    return free.get();
  }
}
