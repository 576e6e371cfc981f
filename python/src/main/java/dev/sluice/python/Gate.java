package dev.sluice.python;

import dev.sluice.python.capi.ThreadStates.Gil;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where Java's threads wait for one GIL, each on its own thread, before they wait for it in native
 * code, where nothing could end the wait any more.
 *
 * <p>As long as a thread of Java's has the GIL and is in Java, everybody else waits here, in a
 * line: whoever waits for a thread that waits for him gets an exception, and many threads that call
 * shortly do not wake each other for each call. Whoever finds the GIL free has it, but for {@link
 * #TENURE} after the first in the line had it: then it is the next one's turn. That one waits in
 * native code only while Python or C code has the GIL, because only CPython can interrupt that; a
 * thread that comes back from Python to Java meanwhile makes way for it ({@link #giveWay}).
 */
final class Gate {
  private static final VarHandle TURN = field("turn");
  private static final VarHandle ASKING = field("asking");
  private static final VarHandle HOLDER = field("holder");

  /** So long whoever makes way waits for the other to come, in nanoseconds. */
  private static final long LONGEST_WAY = 10_000_000;

  /**
   * So long nobody's turn comes when it was somebody's, in nanoseconds: CPython's own interval. To
   * change more often costs those who call shortly more than their calls.
   */
  private static final long TENURE = 5_000_000;

  /** A GIL that is free so long, in nanoseconds, is not about to be taken again. */
  private static final long IDLE = 1_000;

  /** Whose turn it was before a claim: another's, nobody's, the claimant's, patiently or not. */
  private static final int TAKEN = 0;

  private static final int FREE = 1;
  private static final int MINE = 2;
  private static final int PATIENT = 3;

  private final @Nullable Gil gil;

  /** Who takes the GIL now, or is to take it next because it has waited for long. */
  @SuppressWarnings("UnusedVariable") // read through its handle
  private @Nullable ThreadState turn;

  /** Who wants to be woken when the GIL is given back; once for each time it asks. */
  @SuppressWarnings("UnusedVariable") // read through its handle
  private @Nullable ThreadState asking;

  /** Who took the GIL last, as far as Java knows; a hint. */
  @SuppressWarnings("UnusedVariable") // read through its handle
  private @Nullable ThreadState holder;

  /** Whose GIL it is, as long as they are used; to be locked. */
  private final Set<Interpreter> served = Collections.newSetFromMap(new WeakHashMap<>());

  /** Who waits, the one first whose turn is next. */
  private final Queue<ThreadState> line = new ConcurrentLinkedQueue<>();

  /** Whose turn it is if that one waits in Java, where it can be refused. */
  private volatile @Nullable ThreadState patient;

  /** When somebody of the line had the GIL last. */
  private volatile long changed = System.nanoTime();

  /**
   * Makes a gate.
   *
   * @param gil how to look at the GIL; without it, nobody waits here but for a holder that waits in
   *     Java
   */
  Gate(@Nullable Gil gil) {
    this.gil = gil;
  }

  /** Notes that the GIL is this interpreter's too. */
  void serves(Interpreter interpreter) {
    synchronized (served) {
      served.add(interpreter);
    }
  }

  /**
   * Has a thread that waits in native code interrupt Python code of other interpreters too. Before
   * 3.12, CPython asks only the waiting thread's own interpreter to give the GIL away.
   */
  void interruptOthers(ThreadState me) {
    if (gil == null || gil.interruptsAll()) {
      return;
    }
    List<Interpreter> others;
    synchronized (served) {
      others = served.stream().filter(it -> it != me.interpreter && !it.isClosed()).toList();
    }
    for (Interpreter other : others) {
      other.onlookers().interruptWhile(() -> turn() == me);
    }
  }

  private static VarHandle field(String name) {
    try {
      return MethodHandles.lookup().findVarHandle(Gate.class, name, ThreadState.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Takes the GIL, as long as there is hope.
   *
   * @throws SluiceException when there is none, or the interpreter is closed meanwhile
   */
  void take(ThreadState me) {
    if (enters(me)) {
      attach(me);
    } else {
      new Queueing(this, me, Queueing.FOR_EVER).take();
    }
  }

  /** The same with a limit: false if the GIL was not to be had within it. */
  boolean take(ThreadState me, Duration limit) {
    if (gil != null && enters(me)) {
      attach(me);
      return true;
    }
    return new Queueing(this, me, Queueing.nanos(limit)).take();
  }

  /** Takes the GIL again for code that cannot do without it: waits as long as it takes. */
  void takeAgain(ThreadState me) {
    if (enters(me)) {
      attach(me);
    } else {
      new Queueing(this, me, Queueing.FOR_EVER).takeAnyhow();
    }
  }

  /** Lets in whose turn it is; on a thread with the GIL that has come back from Python. */
  void giveWay(ThreadState me) {
    ThreadState next = turn();
    if (next != null && next != me) {
      detachFor(me, next);
      takeAgain(me);
    }
  }

  /**
   * The same, only for a thread in native code, or about to be there, which nothing else could
   * help: where Python code hardly ever runs, a thread that has the GIL is not to lose it just
   * because it had it for long.
   */
  void giveWayOutside(ThreadState me) {
    if (detachFor(me)) {
      takeAgain(me);
    }
  }

  /** The same for a thread that may be refused the GIL afterwards; whether it has lost it. */
  boolean detachFor(ThreadState me) {
    ThreadState next = turn();
    boolean outside = next != null && next != me && next != patient;
    if (next != null && outside) {
      detachFor(me, next);
    }
    return outside;
  }

  private void detachFor(ThreadState me, ThreadState next) {
    me.detach();
    new Queueing(this, me, LONGEST_WAY).awaitTurnOf(next);
  }

  private void attach(ThreadState me) {
    try {
      me.attach();
    } finally {
      endTurn(me);
    }
  }

  /** Notes that a thread has taken the GIL. */
  void hold(ThreadState state) {
    HOLDER.setRelease(this, state);
  }

  /** Notes that the calling thread has given the GIL back. */
  void left() {
    ThreadState next = (ThreadState) ASKING.getAcquire(this);
    if (next != null && ASKING.compareAndSet(this, next, null)) {
      LockSupport.unpark(next.thread);
    }
  }

  /** Asks to be woken by {@link #left}; before others if it is the caller's turn. */
  void ask(ThreadState me) {
    if (turn() == me) {
      ASKING.setVolatile(this, me);
    } else {
      ASKING.compareAndSet(this, null, me);
    }
  }

  /** Puts a thread at the end of the line. */
  void join(ThreadState me) {
    line.add(me);
  }

  boolean isFirst(ThreadState me) {
    return line.peek() == me;
  }

  /** Notes that a thread of the line has taken the GIL. */
  void hasChanged() {
    changed = System.nanoTime();
  }

  /** In how many nanoseconds it can be somebody's turn. */
  long untilChange() {
    return changed + TENURE - System.nanoTime();
  }

  /** Ends a thread's wait: whoever is next is woken. */
  void leave(ThreadState me) {
    ASKING.compareAndSet(this, me, null);
    endTurn(me);
    line.remove(me);
    ThreadState next = line.peek();
    if (next != null) {
      LockSupport.unpark(next.thread);
    }
    left();
  }

  @Nullable ThreadState turn() {
    return (ThreadState) TURN.getAcquire(this);
  }

  /** Makes it the thread's turn, if it is nobody else's. */
  boolean claim(ThreadState me) {
    return turn() == me || TURN.compareAndSet(this, null, me);
  }

  void endTurn(ThreadState me) {
    if (turn() == me) {
      if (patient == me) {
        patient = null;
      }
      TURN.setRelease(this, null);
    }
  }

  /** Makes it the thread's turn, if it is nobody else's, without its going into native code yet. */
  boolean claimPatiently(ThreadState me) {
    boolean claimed = claim(me);
    if (claimed) {
      patient = me;
    }
    return claimed;
  }

  /** Makes it the thread's turn if nobody has the GIL. */
  boolean enters(ThreadState me) {
    if (!isFree(me)) {
      return false;
    }
    int before = claimOpenly(me);
    return before != TAKEN && (isFree(me) || undo(me, before));
  }

  /**
   * Makes it the thread's turn while Python code has the GIL, if that is so still when everybody
   * sees whose turn it is.
   */
  boolean claimIf(ThreadState me, BooleanSupplier holds) {
    int before = claimOpenly(me);
    return before != TAKEN && (holds.getAsBoolean() || undo(me, before));
  }

  /**
   * Makes it the thread's turn to go into native code: from then on whoever has the GIL, and comes
   * back from Python, makes way. Who came back before may not have seen it, so that the thread has
   * to look once more.
   *
   * @return what was so before, for {@link #undo}
   */
  private int claimOpenly(ThreadState me) {
    if (turn() == me) {
      if (patient == me) {
        patient = null;
        return PATIENT;
      }
      return MINE;
    }
    return TURN.compareAndSet(this, null, me) ? FREE : TAKEN;
  }

  /** Undoes a claim; false. */
  private boolean undo(ThreadState me, int before) {
    if (before == PATIENT) {
      patient = me;
    } else if (before == FREE) {
      endTurn(me);
    }
    return false;
  }

  /** The same if nobody is about to take the GIL again, who would only be disturbed. */
  boolean entersIdle(ThreadState me) {
    if (gil != null && turn() != me) {
      long begun = System.nanoTime();
      do {
        if (gil.isTaken()) {
          return false;
        }
        Thread.onSpinWait();
      } while (System.nanoTime() - begun < IDLE);
    }
    return enters(me);
  }

  /** Whether the thread could have the GIL now. */
  boolean isOpen(ThreadState me) {
    ThreadState next = turn();
    return (next == null || next == me) && isFree(me);
  }

  private boolean isFree(ThreadState me) {
    if (gil != null) {
      return !gil.isTaken();
    }
    ThreadState state = me.interpreter.isGuest() ? null : holder(me);
    return state == null || Impasse.look(state, false) == Impasse.Doing.RUNS;
  }

  /** Whether nobody has the GIL at one of so many looks, which are a millisecond apart. */
  boolean isSeenFree(int looks) {
    for (int look = 0; gil != null && look < looks; look++) {
      if (!gil.isTaken()) {
        return true;
      }
      LockSupport.parkNanos(1_000_000);
    }
    return false;
  }

  boolean seesGil() {
    return gil != null;
  }

  /** The GIL itself, to be looked at; null if it cannot be. */
  @Nullable Gil gil() {
    return gil;
  }

  /**
   * The thread of Java's that has the GIL, if it is one; it may have taken it without having said
   * so yet.
   */
  @Nullable ThreadState holder(ThreadState me) {
    ThreadState state = (ThreadState) HOLDER.getAcquire(this);
    if (gil != null) {
      long last = gil.lastHolder();
      if (state == null || state.address != last) {
        state = me.interpreter.states().at(last);
      }
    }
    return state == me || (state != null && state.isBackInPython()) ? null : state;
  }
}
