package dev.sluice.server.http.connection;

import java.util.function.LongSupplier;

/**
 * Whether an answer may wait for the answers to requests that came together with it, so that the
 * other side is woken once for all of them; on the IO thread, where that runs the application too.
 *
 * <p>An answer waits only while another of those requests has not had its turn, and for a fraction
 * of a millisecond. An application that keeps the thread to itself for longer would keep the
 * answers that wait as well; after each time that it does, none waits for a hundred times as long:
 * so they are kept for a hundredth of the time at the most.
 */
public final class Pace {
  /** So long an answer waits, in nanoseconds. */
  private static final long LONGEST = 300_000;

  /** Whoever keeps the thread for as long may do so for much longer. */
  private static final long STALL = 1_000_000;

  private static final long CAUTION = 100;

  private final LongSupplier clock;
  private long seen;
  private long cautiousUntil;
  private long oldest;
  private boolean waiting;
  private int awaited;

  Pace() {
    this(System::nanoTime);
  }

  /**
   * Makes one with another clock.
   *
   * @param clock nanoseconds since anything
   */
  Pace(LongSupplier clock) {
    this.clock = clock;
    seen = clock.getAsLong();
    cautiousUntil = seen;
  }

  /** A request is about to be handed to the application. */
  void arrived() {
    seen = clock.getAsLong();
    awaited++;
  }

  /** A request has been answered, in whatever way; it may be an earlier one. */
  void answered() {
    awaited = Math.max(0, awaited - 1);
  }

  /**
   * An answer is complete, though not {@link #answered} yet; whether it may wait. If not, those
   * that wait already are to go too.
   */
  public boolean mayWait() {
    long now = clock.getAsLong();
    passed(now - seen, now);
    seen = now;
    if (awaited <= 1 || now - cautiousUntil < 0 || (waiting && now - oldest > LONGEST)) {
      return false;
    }
    if (!waiting) {
      waiting = true;
      oldest = now;
    }
    return true;
  }

  /** The application has had its turn: those that wait go now. */
  void turnEnds() {
    awaited = 0;
    if (waiting) {
      waiting = false;
      long now = clock.getAsLong();
      passed(now - seen, now);
    }
  }

  /** Those that wait go before the turn ends. */
  void flushed() {
    waiting = false;
  }

  private void passed(long nanos, long now) {
    if (nanos > STALL) {
      cautiousUntil = now + CAUTION * nanos;
    }
  }
}
