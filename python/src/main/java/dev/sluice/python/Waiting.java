package dev.sluice.python;

import org.jspecify.annotations.Nullable;

/**
 * A wait of the calling thread for something that needs Python; any thread, attached or not. Each
 * {@link #begin} that refuses nothing needs one {@link #end} on the same thread.
 *
 * <p>The wait is entered into the {@link WaitGraph}; and a worker that waits makes room for another
 * one, as long as it does.
 */
public final class Waiting {
  private Waiting() {}

  /**
   * Notes that the thread is about to wait.
   *
   * @return null; or if it would wait for ever, the circle, and nothing was noted
   * @throws SluiceException if so many workers wait that none is left to run what they wait for
   */
  public static WaitGraph.@Nullable Circle begin(WaitGraph.Work what) {
    Thread thread = Thread.currentThread();
    WaitGraph.Circle circle = WaitGraph.ALL.block(thread, what);
    if (circle == null) {
      try {
        Workers.beginWaiting();
      } catch (RuntimeException e) {
        WaitGraph.ALL.unblock(thread);
        throw e;
      }
    }
    return circle;
  }

  /** Undoes {@link #begin}. */
  public static void end() {
    Workers.endWaiting();
    WaitGraph.ALL.unblock(Thread.currentThread());
  }
}
