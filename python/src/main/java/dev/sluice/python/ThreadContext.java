package dev.sluice.python;

import dev.sluice.python.capi.StackBudget;
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

  private @Nullable StackBudget stack;

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
    return state != null && state.interpreter == interpreter ? state : null;
  }

  /** The state that CPython made for this thread of Python's own, which is in Java now. */
  ThreadState lentState(Interpreter interpreter) {
    // Before anything is made: what is made by halves stays.
    stack(interpreter).requireForJava();
    long address = interpreter.door().current();
    ThreadState state = lent;
    if (state == null || state.interpreter != interpreter || state.address != address) {
      state = new ThreadState(interpreter, address, thread);
      lent = state;
    }
    interpreter.lend(state);
    return state;
  }

  /** Gives the GIL back if the calling thread is attached; says with which state it was. */
  static @Nullable ThreadState giveBack() {
    if (Thread.currentThread().isVirtual()) {
      return null;
    }
    ThreadContext context = CONTEXTS.get();
    ThreadState state = context.current;
    if (state != null) {
      context.current = null;
      state.detach();
    }
    return state;
  }

  /** Undoes {@link #giveBack}. */
  static void takeAgain(@Nullable ThreadState state) {
    if (state != null) {
      state.interpreter.gate().takeAgain(state);
      CONTEXTS.get().current = state;
    }
  }

  /** How the thread's stack is shared; the same in all interpreters. */
  StackBudget stack(Interpreter interpreter) {
    StackBudget known = stack;
    if (known == null) {
      known = interpreter.door().stack();
      stack = known;
    }
    return known;
  }

  Thread thread() {
    return thread;
  }

  /** This thread's state in the interpreter, made on first use. */
  ThreadState stateIn(Interpreter interpreter) {
    stack(interpreter).require();
    ThreadState known = known(interpreter);
    if (known != null) {
      return known;
    }
    states.removeIf(state -> state.interpreter.isClosed());
    return adopt(interpreter.newState(thread));
  }

  /** The same for whoever ends the interpreter. */
  ThreadState stateAtEnd(Interpreter interpreter) {
    ThreadState known = known(interpreter);
    return known != null ? known : adopt(interpreter.newStateAtEnd(thread));
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
