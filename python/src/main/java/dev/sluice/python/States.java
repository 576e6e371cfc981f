package dev.sluice.python;

import dev.sluice.python.capi.ThreadStates;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The thread states of one interpreter: those that Sluice has made, one for each platform thread
 * that ever attached, and while they are in Java those of Python's own threads. Any thread may ask.
 *
 * <p>Java has no hook for the end of a thread, so the states of threads that have ended are swept
 * whenever a new one is made, and on close.
 */
final class States {
  private final ThreadStates door;
  private final List<ThreadState> states = new ArrayList<>();
  private volatile boolean sweepDue;

  States(ThreadStates door) {
    this.door = door;
  }

  synchronized ThreadState add(ThreadState state) {
    states.add(state);
    return state;
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

  /** Lets the next thread that attaches sweep. */
  void requestSweep() {
    sweepDue = true;
  }

  /** Sweeps if somebody has asked for it; on an attached thread. */
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
    door.dispose(ended.stream().mapToLong(state -> state.address).toArray());
  }
}
