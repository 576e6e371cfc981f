package dev.sluice.python;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import org.jspecify.annotations.Nullable;

/**
 * What a thread that waits for the GIL learns about the one that has it, and whether to give up.
 */
final class Impasse {
  private static final String DOOR = "dev.sluice.python.capi.";
  private static final int LONGEST_CHAIN = 16;

  /** What a thread of Java's that has the GIL is seen to do. */
  enum Doing {
    /** It runs Java code, or nobody has looked closely. */
    RUNS,
    /** It is in native code of Python or C, which CPython may interrupt. */
    IS_IN_PYTHON,
    /** It waits in Java: for a lock, for another thread, for input. */
    WAITS,
    /** It has ended, and the GIL will never be given back. */
    HAS_ENDED
  }

  private final ThreadState me;
  private @Nullable ThreadState holder;

  /** Which of the holder's stays it is, and since when it waits. */
  private long stay;

  private long since;

  Impasse(ThreadState me) {
    this.me = me;
  }

  /**
   * Looks at a holder; closely, which takes some ten microseconds, or only at its thread's state.
   */
  static Doing look(ThreadState holder, boolean closely) {
    if (!holder.isHolding()) {
      return Doing.RUNS; // it is about to say so, or to leave
    }
    Doing doing =
        switch (holder.thread.getState()) {
          case BLOCKED, WAITING, TIMED_WAITING -> Doing.WAITS;
          case TERMINATED -> Doing.HAS_ENDED;
          case NEW, RUNNABLE -> closely ? lookClosely(holder.thread) : Doing.RUNS;
        };
    // It may have left, and then waited or ended, since the first look.
    return holder.isHolding() ? doing : Doing.RUNS;
  }

  private static Doing lookClosely(Thread thread) {
    StackTraceElement[] stack = thread.getStackTrace();
    if (stack.length == 0) {
      return Doing.RUNS;
    }
    if (stack[0].getClassName().startsWith(DOOR)) {
      return Doing.IS_IN_PYTHON;
    }
    return stack[0].isNativeMethod() ? Doing.WAITS : Doing.RUNS;
  }

  /** Throws if there is no hope: the holder waits for this thread, or too long, or has ended. */
  void check(ThreadState state, Doing doing) {
    if (doing == Doing.HAS_ENDED) {
      throw lost(me, state);
    }
    long now = System.nanoTime();
    if (state != holder || state.attaches() != stay || doing != Doing.WAITS) {
      holder = state;
      stay = state.attaches();
      since = now;
    }
    if (doing != Doing.WAITS) {
      return;
    }
    // It may have left since it was seen to wait, and wait for something without the GIL now.
    if (state.thread.getState() != Thread.State.TIMED_WAITING
        && isWaitingFor(state.thread, me.thread)
        && isStillIn(state)) {
      throw refusal(PythonError.GIL_DEADLOCK, state, "waits for this very thread");
    }
    long limit = me.interpreter.stallLimit().toNanos();
    if (now - since >= limit && isStillIn(state)) {
      throw refusal(PythonError.GIL_STALLED, state, "has waited " + limit / 1e9 + " s in Java");
    }
  }

  private boolean isStillIn(ThreadState state) {
    return state.isHolding() && state.attaches() == stay;
  }

  private static SluiceException lost(ThreadState me, ThreadState state) {
    return new SluiceException(
        PythonError.GIL_LOST,
        "thread %s cannot attach to the interpreter %s: %s"
            .formatted(Errors.name(me.thread), me.interpreter.name(), loss(state)));
  }

  /** How the log and exceptions put it that a thread has taken the GIL to its grave. */
  static String loss(ThreadState state) {
    return "thread %s has ended without closing its scope, so that nobody can have the GIL any more."
            .formatted(Errors.name(state.thread))
        + " Use try-with-resources, and start the process anew.";
  }

  /** Whether a thread waits for a lock that the other holds, through any number of others. */
  private static boolean isWaitingFor(Thread waiter, Thread other) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long id = waiter.threadId();
    for (int i = 0; i < LONGEST_CHAIN; i++) {
      ThreadInfo info = threads.getThreadInfo(id);
      if (info == null) {
        return false;
      }
      if (info.getLockOwnerId() == other.threadId() || joins(info.getLockInfo(), other)) {
        return true;
      }
      id = info.getLockOwnerId();
      if (id < 0) {
        return false;
      }
    }
    return false;
  }

  /** Whether the monitor is the thread object itself: that is how Thread.join waits. */
  private static boolean joins(@Nullable LockInfo lock, Thread other) {
    return lock != null
        && lock.getIdentityHashCode() == System.identityHashCode(other)
        && lock.getClassName().equals(other.getClass().getName());
  }

  private SluiceException refusal(PythonError code, ThreadState parked, String reason) {
    SluiceException error =
        new SluiceException(
            code,
            ("thread %s cannot attach to the interpreter %s: thread %s holds the GIL, and %s (%s)."
                    + " Wait for other threads inside Attached.detached, or without a scope.")
                .formatted(
                    Errors.name(me.thread),
                    me.interpreter.name(),
                    Errors.name(parked.thread),
                    reason,
                    Errors.place(parked.thread)));
    error.addSuppressed(Errors.stackOf(parked.thread));
    return error;
  }
}
