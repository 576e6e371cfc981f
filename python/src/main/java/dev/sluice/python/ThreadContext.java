package dev.sluice.python;

import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.StackBudget;
import dev.sluice.python.capi.ThreadStates;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** The innermost open scope. */
  @Nullable Attached top;

  /** What was the innermost open scope when the GIL was given back, for each time it was. */
  private @Nullable Attached[] marks = new Attached[8];

  private int givenBack;

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

  /**
   * The state that Python has called Java with; the thread is attached.
   *
   * @throws SluiceException if Python has not called Java on it
   */
  ThreadState callerState(Interpreter interpreter) {
    // Before anything is made: what is made by halves stays.
    stack(interpreter).requireForJava();
    long address = interpreter.door().current(interpreter.address());
    ThreadState known = known(interpreter);
    if (known != null && interpreter.door().isCurrent(known.address)) {
      return known;
    }
    if (address == 0) {
      throw new SluiceException(
          PythonError.NOT_ATTACHED,
          "thread %s asked for the scope of a function that Python called, but Python code of the"
                  .formatted(Errors.name(thread))
              + " interpreter %s has called none on it. Use Interpreter.attach."
                  .formatted(interpreter.name()));
    }
    return lentState(interpreter, address);
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

  /** What to say to a thread that used an object of an interpreter that it is not attached to. */
  static SluiceException notAttached(Interpreter interpreter) {
    if (interpreter.isClosed()) {
      return interpreter.closedError();
    }
    Thread thread = Thread.currentThread();
    ThreadState elsewhere = thread.isVirtual() ? null : CONTEXTS.get().current;
    String where =
        elsewhere == null || elsewhere.interpreter == interpreter
            ? "without being attached to it"
            : "while it was attached to the interpreter " + elsewhere.interpreter.name();
    String mend =
        thread.isVirtual()
            ? "A virtual thread cannot be attached: use Interpreter.submit."
            : "Wrap the use in try (Attached py = interpreter.attach()).";
    return new SluiceException(
        PythonError.NOT_ATTACHED,
        "thread %s used a Python object of the interpreter %s %s. %s"
            .formatted(Errors.name(thread), interpreter.name(), where, mend));
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

  /**
   * Has Python see a signal that has come for this thread before Java code waits; on a thread that
   * is attached with the state.
   *
   * @throws PythonException if a handler raises, as that of SIGINT does
   */
  static void seeSignal(ThreadState state) {
    if (state.isSignalled()) {
      state.forgetSignal();
      if (ErrorApi.checkSignals() < 0) {
        throw PythonException.take(state.interpreter);
      }
    }
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
      if (context.givenBack == context.marks.length) {
        context.marks = Arrays.copyOf(context.marks, 2 * context.givenBack);
      }
      context.marks[context.givenBack++] = context.top;
      context.current = null;
      if (state.isSignalled()) {
        state.forgetSignal(); // it came while the thread ran Python code, which has seen it
      }
      state.detach();
    }
    return state;
  }

  /**
   * Undoes {@link #giveBack}, and closes the scopes that were opened since.
   *
   * @throws SluiceException if there are any; the thread has the GIL nevertheless
   */
  static void takeAgain(@Nullable ThreadState state) {
    if (state == null) {
      return;
    }
    ThreadContext context = CONTEXTS.get();
    Attached mark = context.marks[--context.givenBack];
    context.marks[context.givenBack] = null;
    boolean leftOpen = context.top != mark;
    if (leftOpen) {
      context.endDownTo(mark);
    }
    state.interpreter.gate().takeAgain(state);
    context.current = state;
    if (leftOpen) {
      throw new SluiceException(
          PythonError.SCOPE_ORDER,
          "thread %s left a scope open when it went back to Python; it is closed now. Use"
                  .formatted(Errors.name(context.thread))
              + " try-with-resources.");
    }
  }

  /** Whether the scope is open, and was opened since the GIL was given back, if it was. */
  boolean isOpenHere(Attached scope) {
    Attached mark = givenBack == 0 ? null : marks[givenBack - 1];
    Attached open = top;
    while (open != null && open != mark && open != scope) {
      open = open.outer();
    }
    return open == scope && open != mark;
  }

  /** Closes the scopes that were opened in that one; all of them, for null. */
  void endDownTo(@Nullable Attached scope) {
    Attached open = top;
    while (open != null && open != scope) {
      open.end();
      open = top;
    }
  }

  /** Whether the calling thread is in the interpreter, be it that Java runs below Python. */
  static boolean isInside(Interpreter interpreter) {
    if (Thread.currentThread().isVirtual()) {
      return false;
    }
    ThreadState state = CONTEXTS.get().known(interpreter);
    return state != null && state.depth > 0;
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

  /**
   * This thread's state in the interpreter: the one that CPython has made for it, or our own, made
   * on first use.
   */
  ThreadState stateIn(Interpreter interpreter) {
    stack(interpreter).require();
    ThreadState found = find(interpreter);
    if (found != null) {
      return found;
    }
    // Not the one that CPython still remembers, though it be gone: see look.
    long remembered = interpreter.door().ofThread();
    states.removeIf(
        state -> state.interpreter.isClosed() && state.depth == 0 && state.address != remembered);
    return adopt(interpreter.states().make(thread));
  }

  /** The same for whoever ends the interpreter. */
  ThreadState stateAtEnd(Interpreter interpreter) {
    ThreadState found = find(interpreter);
    return found != null ? found : adopt(interpreter.states().makeAtEnd(thread));
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
    ThreadState own = lent;
    if (own != null && own.depth > 0 && own.interpreter == interpreter) {
      return own;
    }
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
