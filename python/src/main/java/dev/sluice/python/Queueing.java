package dev.sluice.python;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** One thread's wait at a {@link Gate}, on that thread. */
final class Queueing {
  static final long FOR_EVER = Long.MAX_VALUE;

  /** So long others may take the GIL first, as they happen to come; in nanoseconds. */
  static final long PATIENCE = 2_000_000;

  /** Not to be woken before that keeps those who call shortly from waking each other each time. */
  private static final long SHORTEST_PAUSE = 20_000;

  private static final long LONGEST_PAUSE = 4_000_000;

  /** Whoever makes way is not woken when the other has come. */
  private static final long PAUSE_OF_WAY = 100_000;

  private final Gate gate;
  private final ThreadState me;
  private final long limit;
  private final Impasse impasse;
  private final long start = System.nanoTime();
  private long pause = SHORTEST_PAUSE;
  private boolean interrupted;

  /** Begins the wait; the limit is in nanoseconds. */
  Queueing(Gate gate, ThreadState me, long limit) {
    this.gate = gate;
    this.me = me;
    this.limit = limit;
    impasse = new Impasse(me);
    me.waits(true);
  }

  /** A limit in nanoseconds, short of what stands for none. */
  static long nanos(Duration limit) {
    try {
      return Math.min(limit.toNanos(), FOR_EVER - 1);
    } catch (ArithmeticException e) {
      return FOR_EVER - 1;
    }
  }

  /** Takes the GIL, as long as there is hope; false if it was not to be had within the limit. */
  boolean take() {
    Events.AttachWait event = Events.attachWait();
    boolean taken = false;
    try {
      if (limit == FOR_EVER ? untilTaken() : untilSeenFree()) {
        me.attach();
        taken = true;
      }
      return taken;
    } finally {
      if (event != null) {
        event.commit(me.interpreter, taken);
      }
      end();
    }
  }

  /** Waits until the thread may wait in native code, if it is not to be had before. */
  private boolean untilTaken() {
    while (!gate.enters(me)) {
      refuseIfClosed();
      if (isOutOfJava()) {
        if (gate.claim(me)) {
          return true;
        }
      } else if (waited() >= PATIENCE) {
        gate.claim(me);
      }
      pause();
    }
    return true;
  }

  /**
   * The same within the limit. CPython has no way to try: where it is needed to interrupt what
   * runs, another thread, which may well wait for ever, does it for this one.
   */
  private boolean untilSeenFree() {
    while (!(gate.seesGil() && gate.enters(me))) {
      if (waited() >= limit) {
        return false;
      }
      refuseIfClosed();
      if (isOutOfJava() || !gate.seesGil()) {
        CompletableFuture<Void> probe = me.interpreter.probe();
        try {
          probe.get(Math.max(0, limit - waited()), TimeUnit.NANOSECONDS);
          return true;
        } catch (TimeoutException e) {
          return false;
        } catch (InterruptedException e) {
          interrupted = true;
          return false;
        } catch (ExecutionException e) {
          // It was refused, as this thread will be in a moment, with its own name.
        }
      }
      pause();
    }
    return true;
  }

  /** Waits within the limit, as long as a thread of Java's is to be waited for. */
  void await() {
    while (!gate.enters(me) && waited() < limit && gate.holder(me) != null) {
      pause();
    }
    restoreInterrupt();
    gate.askNoMore(me);
  }

  /** Waits within the limit until the other thread has had its turn. */
  void awaitTurnOf(ThreadState other) {
    while (gate.turn() == other && waited() < limit) {
      park(PAUSE_OF_WAY);
    }
    restoreInterrupt();
  }

  /**
   * Whether Python or C code has the GIL, and not just for a moment.
   *
   * @throws SluiceException if a thread of Java's has it, and there is no hope
   */
  private boolean isOutOfJava() {
    ThreadState holder = gate.holder(me);
    if (holder == null) {
      return pause > SHORTEST_PAUSE;
    }
    Impasse.Doing doing = Impasse.look(holder, waited() >= PATIENCE);
    impasse.check(holder, doing);
    return doing == Impasse.Doing.IS_IN_PYTHON;
  }

  private void refuseIfClosed() {
    if (me.depth == 0 && me.interpreter.isClosed()) {
      throw me.interpreter.closedError();
    }
  }

  private void pause() {
    if (pause > SHORTEST_PAUSE) {
      gate.ask(me);
    }
    park(Math.min(pause, Math.max(1, limit - waited())));
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }

  private void park(long nanos) {
    LockSupport.parkNanos(gate, nanos);
    interrupted |= Thread.interrupted(); // else it would not park any more
  }

  private long waited() {
    return System.nanoTime() - start;
  }

  private void end() {
    me.waits(false);
    gate.askNoMore(me);
    gate.endTurn(me);
    gate.left(); // whoever asked is next
    restoreInterrupt();
  }

  private void restoreInterrupt() {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
