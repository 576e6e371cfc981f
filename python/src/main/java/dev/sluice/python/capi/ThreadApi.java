package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The real side of {@link ThreadStates}: CPython's thread states (pystate.h, ceval.h). */
public final class ThreadApi implements ThreadStates {
  private static final MemorySegment NEW = Libpython.symbol("PyThreadState_New");
  private static final MemorySegment GET = Libpython.symbol("PyThreadState_Get");
  private static final MemorySegment GET_OR_NULL =
      Libpython.optional("PyThreadState_GetUnchecked")
          .orElseGet(() -> Libpython.symbol("_PyThreadState_UncheckedGet"));
  private static final MemorySegment CLEAR = Libpython.symbol("PyThreadState_Clear");
  private static final MemorySegment DELETE = Libpython.symbol("PyThreadState_Delete");
  private static final MemorySegment SAVE = Libpython.symbol("PyEval_SaveThread");
  private static final MemorySegment RESTORE = Libpython.symbol("PyEval_RestoreThread");
  private static final MemorySegment MAIN = Libpython.symbol("PyInterpreterState_Main");
  private static final MemorySegment INTERPRETER = Libpython.symbol("PyThreadState_GetInterpreter");
  private static final MemorySegment FIRST = Libpython.symbol("PyInterpreterState_ThreadHead");
  private static final MemorySegment NEXT = Libpython.symbol("PyThreadState_Next");
  private static final MemorySegment IDENT = Libpython.symbol("PyThread_get_thread_ident");
  private static final MemorySegment SET_INTERRUPT = Libpython.symbol("PyErr_SetInterruptEx");

  /** The main interpreter's {@code PyInterpreterState*}. */
  public static long mainInterpreter() {
    return Shapes.call(MAIN);
  }

  /** The {@code PyInterpreterState*} that a thread state belongs to. */
  public static long interpreter(long state) {
    return Shapes.call(INTERPRETER, state);
  }

  /** How many thread states an interpreter has, whoever made them; on a thread attached to it. */
  public static int count(long interpreter) {
    int count = 0;
    for (long s = Shapes.call(FIRST, interpreter); s != 0; s = Shapes.call(NEXT, s)) {
      count++;
    }
    return count;
  }

  /** The state that the calling thread is attached with; null if it is not. */
  static long currentOrNull() {
    return Shapes.call(GET_OR_NULL);
  }

  /** Fits all states of the calling thread's interpreter again: 3.11 has set another limit. */
  public static void fitAgain() {
    long interpreter = interpreter(Shapes.call(GET));
    for (long s = Shapes.call(FIRST, interpreter); s != 0; s = Shapes.call(NEXT, s)) {
      RecursionCounters.fitAgain(s);
    }
  }

  /** Makes Python behave as if the signal had arrived; any thread, attached or not. */
  public static void setInterrupt(int signal) {
    Shapes.call(SET_INTERRUPT, signal);
  }

  @Override
  public long create(long interpreter) {
    return Shapes.call(NEW, interpreter);
  }

  @Override
  public StackBudget stack() {
    return StackBudget.ofCaller();
  }

  @Override
  public void fit(StackBudget stack, long state) {
    stack.fit(state);
  }

  @Override
  public long current() {
    return Shapes.call(GET);
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
  public void dispose(long state) {
    Shapes.call(CLEAR, state);
    Shapes.call(DELETE, state);
    StackBudget.forget(state);
  }
}
