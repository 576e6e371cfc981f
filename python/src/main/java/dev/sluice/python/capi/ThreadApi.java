package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The real side of {@link ThreadStates}: CPython's thread states (pystate.h, ceval.h). */
public final class ThreadApi implements ThreadStates {
  /** What CPython takes for granted. */
  private static final long DEEP = 8L * 1024 * 1024;

  private static final MemorySegment OF_THREAD = Libpython.symbol("PyGILState_GetThisThreadState");
  private static final MemorySegment GET_UNCHECKED =
      Libpython.optional("PyThreadState_GetUnchecked") // from 3.13 on
          .orElseGet(() -> Libpython.symbol("_PyThreadState_UncheckedGet"));
  private static final MemorySegment NEW = Libpython.symbol("PyThreadState_New");
  private static final MemorySegment GET = Libpython.symbol("PyThreadState_Get");
  private static final MemorySegment CLEAR = Libpython.symbol("PyThreadState_Clear");
  private static final MemorySegment DELETE = Libpython.symbol("PyThreadState_Delete");
  private static final MemorySegment DELETE_CURRENT =
      Libpython.symbol("PyThreadState_DeleteCurrent");
  private static final MemorySegment SWAP = Libpython.symbol("PyThreadState_Swap");
  private static final MemorySegment SAVE = Libpython.symbol("PyEval_SaveThread");
  private static final MemorySegment RESTORE = Libpython.symbol("PyEval_RestoreThread");
  private static final MemorySegment MAIN = Libpython.symbol("PyInterpreterState_Main");
  private static final MemorySegment INTERPRETER = Libpython.symbol("PyThreadState_GetInterpreter");
  private static final MemorySegment FIRST = Libpython.symbol("PyInterpreterState_ThreadHead");
  private static final MemorySegment NEXT = Libpython.symbol("PyThreadState_Next");
  private static final MemorySegment IDENT = Libpython.symbol("PyThread_get_thread_ident");
  private static final MemorySegment SET_INTERRUPT = Libpython.symbol("PyErr_SetInterruptEx");

  /** Looks how CPython keeps states apart; on a thread attached with the only one it has. */
  public static void learn() {
    GilState.learn(Shapes.call(GET));
  }

  /** How many thread states an interpreter has, whoever made them; on a thread attached to it. */
  public static int count(long interpreter) {
    int count = 0;
    for (long s = Shapes.call(FIRST, interpreter); s != 0; s = Shapes.call(NEXT, s)) {
      count++;
    }
    return count;
  }

  /** Whether the calling thread's stack is as deep as CPython takes for granted. */
  public static boolean hasDeepStack() {
    return ThreadStack.ofCaller().map(stack -> stack.size() >= DEEP).orElse(true);
  }

  /** The state that the calling thread is attached with; null if it is not. */
  static long currentOrNull() {
    return Shapes.call(GET_UNCHECKED);
  }

  /** Fits all states of the calling thread's interpreter again: 3.11 has set another limit. */
  public static void fitAgain() {
    long interpreter = Shapes.call(INTERPRETER, Shapes.call(GET));
    for (long s = Shapes.call(FIRST, interpreter); s != 0; s = Shapes.call(NEXT, s)) {
      RecursionCounters.fitAgain(s);
    }
  }

  /** Makes Python behave as if the signal had arrived; any thread, attached or not. */
  public static void setInterrupt(int signal) {
    Shapes.call(SET_INTERRUPT, signal);
  }

  /**
   * CPython remembers a thread's first state at once. One that may end before the thread does is
   * not to be remembered before the thread is attached with it: the thread may never be.
   */
  @Override
  public long create(long interpreter) {
    long remembered = ofThread();
    long state = Shapes.call(NEW, interpreter);
    if (remembered == 0 && interpreter != mainInterpreter()) {
      GilState.set(0);
    }
    return state;
  }

  @Override
  public void fit(StackBudget stack, long state) {
    stack.fit(state);
  }

  @Override
  public StackBudget stack() {
    return StackBudget.ofCaller();
  }

  @Override
  public long current() {
    return Shapes.call(GET);
  }

  @Override
  public long current(long interpreter) {
    long state = Shapes.call(GET_UNCHECKED);
    return state != 0 && state == ofThread() && interpreter(state) == interpreter ? state : 0;
  }

  @Override
  public void announce(long state) {
    GilState.set(state);
  }

  @Override
  public long ofThread() {
    return Shapes.call(OF_THREAD);
  }

  @Override
  public long mainInterpreter() {
    return Shapes.call(MAIN);
  }

  @Override
  public long interpreter(long state) {
    return Shapes.call(INTERPRETER, state);
  }

  @Override
  public boolean isCurrent(long state) {
    // 3.11 has one current state for all threads: that is somebody else's then.
    return Shapes.quick(GET_UNCHECKED) == state;
  }

  @Override
  public long threadIdent() {
    return Shapes.call(IDENT);
  }

  @Override
  public void attach(long state) {
    Shapes.call(RESTORE, state);
  }

  @Override
  public void detach() {
    Shapes.call(SAVE);
  }

  @Override
  public @Nullable Gil gil(long interpreter, long state) {
    return GilView.find(interpreter, state);
  }

  @Override
  public void disposeCurrent() {
    long state = current();
    Shapes.call(CLEAR, state);
    Shapes.call(DELETE_CURRENT);
    StackBudget.forget(state);
  }

  /**
   * From 3.12 on, deleting another thread's state makes CPython forget which one the calling thread
   * has: {@code PyGILState_Ensure}, which many extension modules use, would then end the process.
   * Attaching with a state makes it the thread's one again, but only after another one was. So a
   * state made for the purpose takes the thread over meanwhile, and is deleted last.
   */
  @Override
  public void dispose(long... states) {
    for (long state : states) {
      Shapes.call(CLEAR, state); // may run Python code
    }
    if (states.length == 0) {
      return;
    }
    long own = current();
    long substitute = Shapes.call(NEW, interpreter(own));
    if (substitute == 0) {
      return; // no memory for it: they stay, empty
    }
    Shapes.call(SWAP, substitute);
    for (long state : states) {
      Shapes.call(DELETE, state);
      StackBudget.forget(state);
    }
    disposeCurrent();
    Shapes.call(RESTORE, own);
  }
}
