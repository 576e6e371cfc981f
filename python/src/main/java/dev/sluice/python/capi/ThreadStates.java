package dev.sluice.python.capi;

import org.jspecify.annotations.Nullable;

/**
 * Thread states as the attachment code sees them: the part of the native door that has a fake, so
 * that attaching, nesting and closing are tested without Python.
 *
 * <p>A state belongs to one thread and one interpreter for life; the thread named in each method is
 * the only one that may call it.
 */
public interface ThreadStates {
  /** Makes a state for the calling thread, which need not be attached. */
  long create(long interpreter);

  /** How the calling thread's stack is shared. */
  StackBudget stack();

  /** Makes Python's limits of recursion fit the calling thread's stack, for a state of its own. */
  void fit(StackBudget stack, long state);

  /** The state that the calling thread is attached with; it must be attached. */
  long current();

  /** The same if it is one that CPython made, in that interpreter; zero otherwise. */
  long current(long interpreter);

  /**
   * Makes a state the one that {@link #ofThread} gives, and {@code PyGILState_Ensure} finds, on the
   * calling thread, which it belongs to; zero for none. Needed where threads come and go in other
   * interpreters than the main one.
   */
  void announce(long state);

  /**
   * The state that CPython remembers for the calling thread, attached or not and whoever has made
   * it; 0 if there is none. A thread that has states in several interpreters is remembered with the
   * one that it was attached with last.
   */
  long ofThread();

  /** The interpreter that CPython has made first. */
  long mainInterpreter();

  /** The interpreter that a state belongs to. */
  long interpreter(long state);

  /** Whether the calling thread is attached with that state, which is one of its own. */
  boolean isCurrent(long state);

  /** What Python's {@code threading.get_ident()} says on the calling thread, attached or not. */
  long threadIdent();

  /** Takes the GIL with a state of the calling thread, which must be detached; may wait. */
  void attach(long state);

  /** Gives the GIL back; the calling thread must be attached. */
  void detach();

  /**
   * The GIL of the interpreter that the calling thread is attached to with the given state; null if
   * it cannot be looked at.
   */
  @Nullable Gil gil(long interpreter, long state);

  /** Ends the state that the calling thread is attached with, which gives the GIL back. */
  void disposeCurrent();

  /** Ends detached states of any threads; the calling thread must be attached with another one. */
  void dispose(long... states);

  /** What any thread may know of a GIL without having it; true only for a moment. */
  interface Gil {
    /** Whether a thread has it. */
    boolean isTaken();

    /** The state that it was taken with last. */
    long lastHolder();

    /** Whether a thread that waits for it interrupts Python code of every interpreter. */
    default boolean interruptsAll() {
      return true;
    }

    /** Whether a thread that sleeps until the word at an address changes waits for it. */
    default boolean isWaitedForAt(long address) {
      return false;
    }
  }
}
