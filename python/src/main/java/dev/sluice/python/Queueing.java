package dev.sluice.python;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One thread's wait at a {@link Gate}, on that thread. */
final class Queueing {
  static final long FOR_EVER = Long.MAX_VALUE;

  /** So long others may take the GIL first, as they happen to come; in nanoseconds. */
  static final long PATIENCE = 2_000_000;

  /** A holder that has not crossed between the languages for so long is looked at closely. */
  private static final long STEADY = 500_000;

  private static final long SHORTEST_PAUSE = 20_000;
  private static final long LONGEST_PAUSE = 4_000_000;

  /** The longest pause from which the thread is not to be woken. */
  private static final long LONGEST_QUIET = 500_000;

  /** Whoever is not the first in the line is woken when it is. */
  private static final long PAUSE_IN_LINE = 25_000_000;

  /** Whoever makes way is not woken when the other has come. */
  private static final long PAUSE_OF_WAY = 100_000;

  /** Whoever's turn it is waits so long without sleeping: waking up would take longer. */
  private static final long SPIN = Runtime.getRuntime().availableProcessors() > 1 ? 50_000 : 0;

  private final Gate gate;
  private final ThreadState me;
  private final long limit;
  private final Impasse impasse;
  private final long start = System.nanoTime();
  private long pause = SHORTEST_PAUSE;
  private boolean interrupted;

  /** The holder seen last, how far it was, and since when it is. */
  private @Nullable ThreadState seen;

  private long progress;
  private long steadySince;
  private boolean isSteady;

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
    return take(true);
  }

  /** Takes the GIL for code that cannot do without it: as long as it takes. */
  void takeAnyhow() {
    take(false);
  }

  private boolean take(boolean refusable) {
    Events.AttachWait event = Events.attachWait();
    boolean taken = false;
    try {
      gate.join(me);
      taken = inLine(refusable);
      if (taken) {
        me.attach();
        gate.hasChanged();
      }
      return taken;
    } finally {
      if (event != null) {
        event.commit(me.interpreter, taken);
      }
      end();
    }
  }

  /**
   * Waits until the thread is let in, or is to wait in native code.
   *
   * @param refusable whether it ends with an exception when there is no hope
   * @return whether it was within the limit
   */
  private boolean inLine(boolean refusable) {
    boolean sees = limit == FOR_EVER || gate.seesGil();
    while (!(sees && gate.entersIdle(me))) {
      if (waited() >= limit) {
        return false;
      }
      if (refusable) {
        refuseIfClosed();
      }
      boolean outOfJava = isOutOfJava(refusable);
      if (!gate.isFirst(me)) {
        park(Math.min(PAUSE_IN_LINE, limit - waited()));
      } else if (!sees) {
        gate.claim(me);
        return probe(refusable);
      } else if (outOfJava && gate.claimIf(me, () -> isOutOfJava(refusable))) {
        gate.interruptOthers(me);
        if (limit == FOR_EVER || probe(refusable)) {
          return true;
        }
      } else if (due() <= 0 && gate.claimPatiently(me) && spin()) {
        return true;
      } else {
        pauseFirst();
      }
    }
    return true;
  }

  /**
   * Lets another thread wait in native code, within this one's limit; that one may well wait for
   * ever. It keeps the GIL for a moment, until this thread is there.
   */
  private boolean probe(boolean refusable) {
    CompletableFuture<Void> probe = me.interpreter.probe();
    while (waited() < limit) {
      try {
        probe.get(Math.clamp(limit - waited(), 0, LONGEST_PAUSE), TimeUnit.NANOSECONDS);
        return true;
      } catch (TimeoutException e) {
        isOutOfJava(refusable); // who had the GIL in Python may wait for this thread in Java now
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        refuseIfClosed();
        return false;
      }
    }
    return false;
  }

  /** In how many nanoseconds it is the thread's turn, if it is the first in the line. */
  private long due() {
    return Math.max(PATIENCE - waited(), gate.untilChange());
  }

  private boolean spin() {
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < SPIN) {
      if (gate.enters(me)) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
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
   * @throws SluiceException if the thread is refusable, a thread of Java's has it, and there is no
   *     hope
   */
  private boolean isOutOfJava(boolean refusable) {
    ThreadState holder = gate.holder(me);
    if (holder == null) {
      return pause > SHORTEST_PAUSE;
    }
    Impasse.Doing doing = Impasse.look(holder, steadyFor(holder) >= STEADY);
    if (refusable) {
      impasse.check(holder, doing);
    }
    return doing == Impasse.Doing.IS_IN_PYTHON;
  }

  /** For how many nanoseconds the holder has not crossed between the languages. */
  private long steadyFor(ThreadState holder) {
    long now = System.nanoTime();
    long crossed = holder.attaches() + holder.interpreter.crossings().total();
    isSteady = seen == holder && progress == crossed;
    if (!isSteady) {
      seen = holder;
      progress = crossed;
      steadySince = now;
    }
    return now - steadySince;
  }

  private void refuseIfClosed() {
    if (me.depth == 0 && me.interpreter.isClosed()) {
      throw me.interpreter.closedError();
    }
  }

  /**
   * Sleeps until the GIL is given back. While the holder often takes it and gives it back, the
   * thread is not woken: that would cost the holder more than what it does meanwhile, and be in
   * vain.
   */
  private void pauseFirst() {
    long due = due();
    long longest = Math.max(1, Math.min(limit - waited(), due > 0 ? due : LONGEST_PAUSE));
    if (seen != null && !isSteady) {
      park(Math.min(Math.min(pause, LONGEST_QUIET), longest));
    } else {
      gate.ask(me);
      if (gate.isOpen(me)) {
        return; // it was given back before this thread could be seen to ask
      }
      park(Math.min(pause, longest));
    }
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
    gate.leave(me);
    restoreInterrupt();
  }

  private void restoreInterrupt() {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
