package dev.sluice.bridge.loop;

/**
 * Where a loop and the threads that hand it something look out for each other, for some
 * microseconds, before either of them sleeps: the system takes longer to wake a thread than most
 * callbacks take. Only where that has paid lately, since it takes a processor. Methods say which
 * thread they are for.
 */
final class Rendezvous {
  /** On one processor nobody comes while another one looks out. */
  private static final boolean USEFUL = Runtime.getRuntime().availableProcessors() > 1;

  /** So long a loop looks out for the next that is handed over, in nanoseconds. */
  private static final long LOOP_NANOS = 50_000;

  /** So long who has woken it looks out for its next rest. */
  private static final long WAKER_NANOS = 60_000;

  /** A loop that rested again so soon after it was woken would have done so in that time. */
  private static final long SOON_NANOS = 200_000;

  /**
   * Who wakes the loop so soon after the last wake-up has more to hand over, and is not waiting for
   * what comes of it: on a fast machine. See {@link #isBurst}.
   */
  private static final long BURST_NANOS = 4_000;

  /** The same, as a part of the time that it has looked out for the loop's rest. */
  private static final int BURST_PART = 3;

  /** So long one looks out without giving others the processor. */
  private static final long SPIN_NANOS = 3_000;

  /** So often in a row it must have paid, or would have. */
  private static final int NEEDED = 3;

  private static final int MOST = 8;

  private volatile boolean handedOver;
  private volatile long rests;

  /** When it rested last; written before {@link #rests}. */
  private long restedAt;

  /** Of the loop's thread. */
  private int loopCredit;

  /** Of those who wake it: guarded by the GIL. */
  private int wakerCredit;

  private long wokenAt;

  /** How long who woke it last has looked out for its rest; 0 if it did not. */
  private long lookedOut;

  /** Something has been handed over; any thread. */
  void handOver() {
    if (!handedOver) {
      handedOver = true;
    }
  }

  /** The loop is about to look at all that was handed over; on its thread. */
  void look() {
    if (handedOver) {
      handedOver = false;
    }
  }

  /**
   * The loop has nothing to do; on its thread. Looks out for a while, if that pays.
   *
   * @param nanos how long it may
   * @return whether something has been handed over
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  boolean rest(long nanos) {
    long begun = System.nanoTime();
    restedAt = begun;
    rests++;
    if (loopCredit < NEEDED || !USEFUL) {
      return handedOver;
    }
    long most = Math.min(nanos, LOOP_NANOS);
    while (!handedOver) {
      if (!lookOut(begun, most)) {
        loopCredit = Math.max(loopCredit - 2, 0);
        return false;
      }
    }
    loopCredit = Math.min(loopCredit + 1, MOST);
    return true;
  }

  /** The loop has slept; on its thread. */
  void slept(long nanos) {
    if (handedOver && nanos < 2 * LOOP_NANOS) {
      loopCredit = Math.min(loopCredit + 1, MOST);
    } else {
      loopCredit = Math.max(loopCredit - 1, 0);
    }
  }

  /** How often the loop has rested; any thread. */
  long rests() {
    return rests;
  }

  /**
   * Whether whoever has just woken the loop should look out for its next rest; with the GIL.
   *
   * @param waits whether it waits next for what comes of it, however soon it comes again
   */
  boolean isExpectant(boolean waits) {
    if (!waits && isBurst()) {
      wakerCredit = 0;
      return false;
    }
    long took = rests == 0 ? SOON_NANOS : restedAt - wokenAt;
    wakerCredit =
        took < SOON_NANOS ? Math.min(wakerCredit + 1, MOST) : Math.max(wakerCredit - 1, 0);
    return wakerCredit >= NEEDED && USEFUL;
  }

  /**
   * Whether the last wake-up was so short ago that looking out for the loop after each would be
   * most of the work, where one wake-up at the burst's end does.
   */
  private boolean isBurst() {
    return System.nanoTime() - wokenAt < Math.max(BURST_NANOS, lookedOut / BURST_PART);
  }

  /** Looks out for the loop's next rest; on the thread that woke it, without the GIL. */
  boolean awaitRest(long before) {
    long begun = System.nanoTime();
    while (rests == before) {
      if (!lookOut(begun, WAKER_NANOS)) {
        return false;
      }
    }
    return true;
  }

  /** Lets a moment pass; whether there is time for another. */
  @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it but speed
  private static boolean lookOut(long begun, long most) {
    long passed = System.nanoTime() - begun;
    if (passed < SPIN_NANOS) {
      Thread.onSpinWait();
    } else {
      Thread.yield(); // who is waited for may be on the same processor
    }
    return passed < most;
  }

  /**
   * The loop has been woken, and whoever did goes on; with the GIL.
   *
   * @param inTime whether it has seen the loop's next rest, if it looked out for it
   * @param nanos how long that took, with the GIL that was given and taken; 0 if it did not
   */
  void woken(boolean inTime, long nanos) {
    wokenAt = System.nanoTime();
    lookedOut = nanos;
    if (!inTime) {
      wakerCredit = Math.max(wakerCredit - 2, 0);
    }
  }
}
