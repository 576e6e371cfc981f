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

  private final ThreadState me;
  private @Nullable ThreadState holder;

  /** Which of the holder's stays it is, and since when it waits. */
  private long stay;

  private long since;

  Impasse(ThreadState me) {
    this.me = me;
  }

  /** Whether a thread of Java's that has the GIL is in native code: in Python, or C. */
  boolean isInPython(ThreadState state) {
    StackTraceElement[] stack = state.thread.getStackTrace();
    return stack.length > 0 && stack[0].getClassName().startsWith(DOOR);
  }

  /** Throws if there is no hope, because the holder, which waits in Java, waits for this thread. */
  void check(ThreadState parked) {
    long now = System.nanoTime();
    if (parked != holder || parked.attaches() != stay) {
      holder = parked;
      stay = parked.attaches();
      since = now;
    }
    if (isWaitingFor(parked.thread, me.thread)) {
      throw refusal(PythonError.GIL_DEADLOCK, parked, "waits for this very thread");
    }
    long limit = me.interpreter.stallLimit().toNanos();
    if (now - since >= limit) {
      throw refusal(PythonError.GIL_STALLED, parked, "has waited " + limit / 1e9 + " s in Java");
    }
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
