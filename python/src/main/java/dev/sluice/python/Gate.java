package dev.sluice.python;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a platform thread looks at before it waits for the GIL in native code, where nothing could
 * end the wait any more.
 *
 * <p>A thread that holds the GIL and waits in Java, for a lock or for another thread's result, lets
 * nobody in. If it waits for the very thread that now wants the GIL, both would wait for ever; so
 * as long as it waits, the newcomer waits here, in Java, and gets an exception when there is no
 * hope.
 */
final class Gate {
  private static final long PAUSE = TimeUnit.MICROSECONDS.toNanos(200);
  private static final long TRIAL = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

  private Gate() {}

  /** Waits as long as there is hope, and throws when there is none. */
  static void pass(Interpreter interpreter, ThreadState me) {
    ThreadState holder = interpreter.holder();
    if (holder != null && holder != me && holder.isParkedWithGil()) {
      waitFor(holder, me, Long.MAX_VALUE);
    }
  }

  /** Waits until the GIL was to be had, and says false if it was not within the limit. */
  static boolean pass(Interpreter interpreter, ThreadState me, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    ThreadState holder = interpreter.holder();
    if (holder != null
        && holder != me
        && holder.isParkedWithGil()
        && !waitFor(holder, me, limit.toNanos())) {
      return false;
    }
    // CPython has no way to try: another thread, which may well wait for ever, does it for us.
    CompletableFuture<Void> probe = interpreter.probe();
    try {
      probe.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw interpreter.closedError();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static boolean waitFor(ThreadState holder, ThreadState me, long limit) {
    long start = System.nanoTime();
    long stay = holder.attaches();
    long pause = PAUSE;
    long stall = me.interpreter.stallLimit().toNanos();
    boolean interrupted = false;
    // In a Python program the holder may have given the GIL back without notice: let another try.
    CompletableFuture<Void> trial = me.interpreter.isGuest() ? me.interpreter.probe() : null;
    try {
      while (holder.attaches() == stay && holder.isParkedWithGil()) {
        long waited = System.nanoTime() - start;
        if (trial != null && trial.isDone()) {
          return true;
        }
        if (waited >= limit) {
          return false;
        }
        if (trial != null && waited < TRIAL) {
          LockSupport.parkNanos(Gate.class, PAUSE);
          continue;
        }
        if (isWaitingFor(holder.thread, me.thread)) {
          throw refusal(PythonError.GIL_DEADLOCK, holder, me, "waits for this very thread");
        }
        if (waited >= stall) {
          throw refusal(
              PythonError.GIL_STALLED, holder, me, "has waited " + stall / 1e9 + " s in Java");
        }
        LockSupport.parkNanos(Gate.class, Math.min(pause, limit - waited));
        interrupted |= Thread.interrupted(); // else it would not park any more
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Whether a thread waits for a lock that the other holds, through any number of others. */
  private static boolean isWaitingFor(Thread waiter, Thread other) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long id = waiter.threadId();
    for (int i = 0; i < 16; i++) {
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

  private static SluiceException refusal(
      PythonError code, ThreadState holder, ThreadState me, String reason) {
    SluiceException error =
        new SluiceException(
            code,
            ("thread %s cannot attach to the interpreter %s: thread %s holds the GIL, and %s (%s)."
                    + " Wait for other threads inside Attached.detached, or without a scope.")
                .formatted(
                    Errors.name(me.thread),
                    me.interpreter.name(),
                    Errors.name(holder.thread),
                    reason,
                    Errors.place(holder.thread)));
    error.addSuppressed(Errors.stackOf(holder.thread));
    return error;
  }
}
