package dev.sluice.python;

import dev.sluice.python.capi.ThreadStates;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one platform thread is attached to; created, read and written by that thread only. */
final class ThreadContext {
  private static final ThreadLocal<ThreadContext> CONTEXTS =
      ThreadLocal.withInitial(ThreadContext::new);

  private final Thread thread = Thread.currentThread();
  private final List<ThreadState> states = new ArrayList<>(1);

  /** The state that the thread holds the GIL with, if it is attached now. */
  @Nullable ThreadState current;

  /** The last state that Python lent to this thread. */
  private @Nullable ThreadState lent;

  /**
   * The state that CPython has for this thread, if it has made one itself; valid from {@link #look}
   * until Python code runs.
   */
  private long ofPython;

  private ThreadContext() {}

  /** The calling thread's context. Virtual threads have none: an unmount would crash the JVM. */
  static ThreadContext get() {
    if (Thread.currentThread().isVirtual()) {
      throw new SluiceException(
          PythonError.VIRTUAL_THREAD,
          "the virtual thread %s cannot attach to Python, because it may resume on another thread"
                  .formatted(Errors.name(Thread.currentThread()))
              + " while it is attached. Use Interpreter.submit, which runs the task on a"
              + " platform thread.");
    }
    return CONTEXTS.get();
  }

  /** The calling thread's state in the interpreter, if it is attached to it now. */
  static @Nullable ThreadState currentIn(Interpreter interpreter) {
    if (Thread.currentThread().isVirtual()) {
      return null;
    }
    ThreadState state = CONTEXTS.get().current;
    return state != null && state.interpreter == interpreter && state.isAttached() ? state : null;
  }

  /** Whether the calling thread has scopes open, and is not detached from them. */
  static boolean isInScope() {
    if (Thread.currentThread().isVirtual()) {
      return false;
    }
    ThreadState state = CONTEXTS.get().current;
    return state != null && state.isAttached();
  }

  /** The state that Python has called Java with; the thread is attached. */
  ThreadState callerState(Interpreter interpreter) {
    long address = interpreter.door().current();
    ThreadState known = known(interpreter);
    return known != null && known.address == address ? known : lentState(interpreter, address);
  }

  /** A state that CPython has made for this thread. */
  private ThreadState lentState(Interpreter interpreter, long address) {
    ThreadState state = lent;
    if (state == null || state.interpreter != interpreter || state.address != address) {
      state = new ThreadState(interpreter, address, thread, true);
      lent = state;
    }
    return state;
  }

  /**
   * Finds out whether CPython has a state of its own for this thread. It remembers only the one
   * that the thread was attached with last; if that is one of ours, what was seen before still
   * holds, for CPython cannot have ended its own meanwhile without being attached with it.
   */
  private void look(ThreadStates door) {
    long address = door.ofThread();
    for (int i = 0; i < states.size(); i++) {
      ThreadState state = states.get(i);
      if (state.address == address && state.interpreter.door() == door) {
        return;
      }
    }
    ofPython = address;
  }

  /** Gives the GIL back if the calling thread is attached; says with which state it was. */
  static @Nullable ThreadState giveBack() {
    if (Thread.currentThread().isVirtual()) {
      return null;
    }
    ThreadContext context = CONTEXTS.get();
    ThreadState state = context.current;
    if (state != null && !state.isAttached()) {
      return null;
    }
    if (state != null) {
      context.current = null;
      state.detach();
    }
    return state;
  }

  /** Undoes {@link #giveBack}. */
  static void takeAgain(@Nullable ThreadState state) {
    if (state != null) {
      state.attach();
      CONTEXTS.get().current = state;
    }
  }

  Thread thread() {
    return thread;
  }

  /**
   * This thread's state in the interpreter: the one that CPython has made for it, or our own, made
   * on first use.
   */
  ThreadState stateIn(Interpreter interpreter) {
    ThreadState found = find(interpreter);
    if (found != null) {
      return found;
    }
    // Not the one that CPython still remembers, though it be gone: see look.
    long remembered = interpreter.door().ofThread();
    states.removeIf(state -> state.interpreter.isClosed() && state.address != remembered);
    return adopt(interpreter.newState(thread));
  }

  /** The same for whoever ends the interpreter. */
  ThreadState stateAtEnd(Interpreter interpreter) {
    ThreadState found = find(interpreter);
    return found != null ? found : adopt(interpreter.newStateAtEnd(thread));
  }

  private @Nullable ThreadState find(Interpreter interpreter) {
    ThreadState known = known(interpreter);
    if (known != null && interpreter.isMain()) {
      return known;
    }
    if (interpreter.isClosed() && !interpreter.isGuest()) {
      return known;
    }
    // Also before the thread is attached to another interpreter, after which it is too late.
    look(interpreter.door());
    if (known != null) {
      return known;
    }
    return ofPython != 0 && interpreter.door().interpreter(ofPython) == interpreter.address()
        ? lentState(interpreter, ofPython)
        : null;
  }

  private @Nullable ThreadState known(Interpreter interpreter) {
    for (int i = 0; i < states.size(); i++) {
      ThreadState state = states.get(i);
      if (state.interpreter == interpreter) {
        return state;
      }
    }
    return null;
  }

  /** Records a state that CPython made for this thread. */
  ThreadState adopt(ThreadState state) {
    states.add(state);
    return state;
  }
}
