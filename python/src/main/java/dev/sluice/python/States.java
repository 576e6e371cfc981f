package dev.sluice.python;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The thread states of one interpreter: those that Sluice has made, one for each platform thread
 * that ever attached, and while they are in Java those of Python's own threads. Any thread may ask.
 *
 * <p>Java has no hook for the end of a thread, so the states of threads that have ended are swept:
 * by a worker that the watch asks for it, on close, and by whoever attaches when very many were
 * made meanwhile. Sweeping gives the GIL back for a moment, and may run Python code.
 */
final class States {
  private final Interpreter interpreter;
  private final List<ThreadState> states = new ArrayList<>();

  /** So many may be made before whoever attaches has to sweep. */
  private static final int MOST_UNSWEPT = 256;

  private int made;
  private volatile boolean sweepDue;

  States(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  /**
   * Makes one for the calling thread.
   *
   * @throws SluiceException if the interpreter is closed
   */
  synchronized ThreadState make(Thread thread) {
    // One step: whoever disposes of all states takes the same lock after it has closed.
    if (interpreter.isClosed()) {
      throw interpreter.closedError();
    }
    return makeAtEnd(thread);
  }

  /** The same for whoever ends the interpreter, or looks at it meanwhile. */
  synchronized ThreadState makeAtEnd(Thread thread) {
    if (interpreter.isFinalising()) {
      throw interpreter.closedError();
    }
    if (++made >= MOST_UNSWEPT) {
      sweepDue = true;
    }
    return adopt(interpreter.door().create(interpreter.address()), thread);
  }

  /** Takes over a state that the calling thread was given by CPython. */
  synchronized ThreadState adopt(long address, Thread thread) {
    ThreadState state = new ThreadState(interpreter, address, thread);
    states.add(state);
    return state;
  }

  /**
   * Notes that a thread of Python's own is in Java, with the state that CPython made for it; on
   * that thread, with the GIL.
   *
   * @throws SluiceException once the interpreter is claimed: CPython would never let it return
   */
  synchronized void lend(ThreadState state) {
    if (interpreter.isFinalising()) {
      throw interpreter.closedError();
    }
    state.inside = true;
    states.add(state);
  }

  /** Undoes {@link #lend}. */
  void takeBack(ThreadState state) {
    state.inside = false;
    remove(state);
  }

  synchronized void remove(ThreadState state) {
    states.remove(state);
  }

  synchronized List<ThreadState> all() {
    return List.copyOf(states);
  }

  /** The one at an address, if it is among them. */
  synchronized @Nullable ThreadState at(long address) {
    for (ThreadState state : states) {
      if (state.address == address) {
        return state;
      }
    }
    return null;
  }

  /** Those whose threads are inside of the interpreter. */
  synchronized List<ThreadState> insiders() {
    return states.stream().filter(state -> state.inside).toList();
  }

  /** Whether there is something to sweep: more than the last worker, which swept the others. */
  synchronized boolean haveEnded() {
    return states.stream().filter(state -> !state.lent && !state.thread.isAlive()).count() > 1;
  }

  /** Sweeps if very many states were made since that was done last; on an attached thread. */
  void sweepIfDue() {
    if (sweepDue) {
      sweepDue = false;
      sweep();
    }
  }

  /** Ends the states of threads that have ended; on an attached thread. Returns how many. */
  int sweep() {
    List<ThreadState> dead = new ArrayList<>();
    synchronized (this) {
      made = 0;
      Iterator<ThreadState> all = states.iterator();
      while (all.hasNext()) {
        ThreadState state = all.next();
        if (!state.lent && !state.thread.isAlive()) {
          all.remove();
          dead.add(state);
        }
      }
    }
    // Outside the lock: clearing a state may run Python code.
    dispose(dead);
    return dead.size();
  }

  /**
   * Ends every state but the given one; on the thread of that one, attached, with nobody inside.
   */
  void disposeAllBut(ThreadState except) {
    List<ThreadState> detached;
    synchronized (this) {
      detached = states.stream().filter(state -> state != except && !state.lent).toList();
      states.clear();
    }
    dispose(detached);
  }

  private void dispose(List<ThreadState> ended) {
    interpreter.door().dispose(ended.stream().mapToLong(state -> state.address).toArray());
  }
}
