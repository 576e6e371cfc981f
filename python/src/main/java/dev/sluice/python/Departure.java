package dev.sluice.python;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The wait for threads that are inside an interpreter, on the thread that ends it.
 *
 * <p>A thread that wants to come in raises {@link ThreadState#inside} before it asks whether it
 * may, and lowers it when it is refused. So there may be no moment when nobody's is raised,
 * although nobody is inside: each thread is waited for by itself, until it was seen outside once.
 */
final class Departure {
  /** So long, in nanoseconds, those are waited for at least who leave at once. */
  private static final long PATIENCE = 200_000_000;

  private Departure() {}

  /**
   * Waits for threads that nobody lets in again; interrupting does not end the wait.
   *
   * @param exempt those that need not be waited for, though they be inside
   * @param deadline in the time of {@link System#nanoTime}
   * @return those that were still inside then
   */
  static List<ThreadState> await(
      List<ThreadState> states, Predicate<ThreadState> exempt, long deadline) {
    List<ThreadState> inside = new ArrayList<>(states);
    Predicate<ThreadState> gone = exempt.or(state -> !state.inside);
    inside.removeIf(gone);
    boolean interrupted = false;
    while (!inside.isEmpty() && deadline - System.nanoTime() > 0) {
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        interrupted = true; // the wait is bounded anyway
      }
      inside.removeIf(gone);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return inside;
  }

  /** The same on an attached thread, which gives the GIL back meanwhile. */
  static List<ThreadState> awaitDetached(List<ThreadState> states, long deadline) {
    long soonest = System.nanoTime() + PATIENCE;
    ThreadState given = ThreadContext.giveBack();
    try {
      return await(states, state -> false, deadline - soonest > 0 ? deadline : soonest);
    } finally {
      ThreadContext.takeAgain(given);
    }
  }
}
