package dev.sluice.server.http.connection;

/**
 * How much memory the bodies of one connection may have: a little that the connection has for
 * itself, which its requests share, and beyond it what there is for all; on its IO thread.
 */
public final class BodyAllowance {
  /** What each connection has without asking, in bytes. */
  static final int OWN = 64 * 1024;

  private final BodyMemory shared;
  private long used;

  public BodyAllowance(BodyMemory shared) {
    this.shared = shared;
  }

  /** Takes some, if there is as much. */
  boolean take(long bytes) {
    long more = beyondOwn(used + bytes) - beyondOwn(used);
    if (more > 0 && !shared.take(more)) {
      return false;
    }
    used += bytes;
    return true;
  }

  void giveBack(long bytes) {
    long less = beyondOwn(used) - beyondOwn(used - bytes);
    used -= bytes;
    if (less > 0) {
      shared.giveBack(less);
    }
  }

  private static long beyondOwn(long bytes) {
    return Math.max(0, bytes - OWN);
  }
}
