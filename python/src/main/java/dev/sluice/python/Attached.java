package dev.sluice.python;

import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ImportApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The scope in which one platform thread may touch Python: it holds the GIL from {@link
 * Interpreter#attach} to {@link #close}, and is confined to the thread that opened it.
 *
 * <p>Scopes nest, and close in the reverse order. Used on another thread or after it was closed, a
 * scope throws {@link SluiceException} and names both threads. Attaching costs about 65 ns when
 * nobody else holds the GIL.
 */
public final class Attached implements AutoCloseable {
  private final ThreadContext context;
  private final ThreadState state;
  private final @Nullable ThreadState previous;

  /** Whether Python gave this thread the GIL, so that closing must not give it back. */
  private final boolean borrowed;

  private final Events.@Nullable Held held = Events.held();
  private boolean closed;

  private Attached(
      ThreadContext context, ThreadState state, @Nullable ThreadState previous, boolean borrowed) {
    this.context = context;
    this.state = state;
    this.previous = previous;
    this.borrowed = borrowed;
  }

  static Attached inCallback(Interpreter interpreter) {
    ThreadContext context = ThreadContext.get();
    ThreadState current = context.current;
    if (current != null) {
      return open(interpreter);
    }
    // A thread that Python started, with a state that CPython made for it.
    ThreadState state = context.lentState(interpreter);
    state.depth = 1;
    state.attached();
    context.current = state;
    return new Attached(context, state, null, true);
  }

  static Attached open(Interpreter interpreter) {
    ThreadContext context = ThreadContext.get();
    ThreadState state = context.stateIn(interpreter);
    if (context.current == state) {
      return nested(context, state);
    }
    enter(interpreter, state);
    return Objects.requireNonNull(taken(context, state, null));
  }

  /** The same with a limit: null if the GIL was not to be had in time. */
  static @Nullable Attached open(Interpreter interpreter, Duration limit) {
    ThreadContext context = ThreadContext.get();
    ThreadState state = context.stateIn(interpreter);
    if (context.current == state) {
      return nested(context, state);
    }
    enter(interpreter, state);
    return taken(context, state, limit);
  }

  /** The same for whoever ends the interpreter, when nobody else is let in any more. */
  static Attached openAtEnd(Interpreter interpreter) {
    ThreadContext context = ThreadContext.get();
    ThreadState state = context.stateAtEnd(interpreter);
    if (context.current == state) {
      return nested(context, state);
    }
    state.inside = true;
    ThreadState previous = leavePrevious(context);
    state.interpreter.gate().takeAgain(state);
    return opened(context, state, previous);
  }

  private static Attached nested(ThreadContext context, ThreadState state) {
    state.depth++;
    return new Attached(context, state, state, false);
  }

  /** Takes the GIL, and gives that of another interpreter back before; null after the limit. */
  private static @Nullable Attached taken(
      ThreadContext context, ThreadState state, @Nullable Duration limit) {
    ThreadState previous = leavePrevious(context);
    Gate gate = state.interpreter.gate();
    boolean taken = false;
    try {
      if (limit == null) {
        gate.take(state);
        taken = true;
      } else {
        taken = gate.take(state, limit);
      }
    } finally {
      if (!taken) {
        leave(state);
        if (previous != null) {
          previous.interpreter.gate().takeAgain(previous);
        }
      }
    }
    return taken ? opened(context, state, previous) : null;
  }

  private static @Nullable ThreadState leavePrevious(ThreadContext context) {
    ThreadState previous = context.current;
    if (previous != null) {
      previous.detach();
    }
    return previous;
  }

  private static Attached opened(
      ThreadContext context, ThreadState state, @Nullable ThreadState previous) {
    context.current = state;
    state.interpreter.housekeep();
    state.depth++;
    return new Attached(context, state, previous, false);
  }

  /** Announces the thread before it asks whether it may come in: see {@link ThreadState#inside}. */
  private static void enter(Interpreter interpreter, ThreadState state) {
    if (state.depth == 0) {
      state.inside = true;
    }
    if (interpreter.isClosed() && state.depth == 0) {
      state.inside = false;
      throw interpreter.closedError();
    }
  }

  private static void leave(ThreadState state) {
    if (state.depth == 0) {
      state.leaveInterpreter();
    }
  }

  /** The interpreter that this scope is attached to. */
  public Interpreter interpreter() {
    return state.interpreter;
  }

  /** Native memory of this thread, free for use until the next call that uses it. */
  public long scratch() {
    return state.scratch.address();
  }

  /** The size of {@link #scratch} in bytes. */
  public long scratchSize() {
    return state.scratch.size();
  }

  /** Imports a module by its full name. */
  public PyObject importModule(String name) {
    check();
    long module;
    long text = UnicodeApi.fromString(name);
    try {
      module = Calls.back(state, ImportApi.importModule(text));
    } finally {
      ObjectApi.decRef(text);
    }
    return own(module);
  }

  /** The value of an expression, evaluated in {@code __main__}. */
  public PyObject eval(String expression) {
    check();
    return own(Calls.back(state, Source.run(expression, ImportApi.EXPRESSION)));
  }

  /** Runs statements in {@code __main__}. */
  public void exec(String statements) {
    check();
    own(Calls.back(state, Source.run(statements, ImportApi.STATEMENTS))).close();
  }

  /** The Python object for a Java value; see {@link Conversions} for which types have one. */
  public PyObject toPython(@Nullable Object value) {
    check();
    return own(Conversions.toPython(state.interpreter, value));
  }

  /**
   * Makes a Python module of Java's types, functions and values, which Python code imports by the
   * name; one that is there already gets more of them.
   */
  public ModuleBuilder module(String name) {
    check();
    return state.interpreter.exposed().module(this, name);
  }

  /**
   * Runs Java code with the GIL given back, so that other threads may run Python meanwhile; the
   * code may block.
   */
  public <T extends @Nullable Object> T detached(Supplier<T> code) {
    check();
    ThreadState given = ThreadContext.giveBack();
    try {
      return code.get();
    } finally {
      ThreadContext.takeAgain(given);
    }
  }

  /**
   * Wraps a new reference that a function of CPython has returned; null stands for an exception,
   * which is thrown.
   */
  public PyObject own(long reference) {
    if (reference == 0) {
      throw failure();
    }
    return state.interpreter.own(reference);
  }

  /** The exception that CPython has just reported on this thread. */
  public PythonException failure() {
    return PythonException.take(state.interpreter);
  }

  /**
   * The same for whoever only reports it: where it stands for a Java exception, that is not thrown,
   * but the exception is returned as Python sees it.
   */
  public PythonException failureAsRaised() {
    return PythonException.takeAsRaised(state.interpreter);
  }

  /** Throws what a function of CPython has reported by a negative result. */
  public void checkResult(int result) {
    if (result < 0) {
      throw failure();
    }
  }

  /** Whether a Python exception is set on this thread. */
  public boolean raised() {
    return ErrorApi.occurred();
  }

  private void check() {
    checkScope();
    state.stack.require();
  }

  private void checkScope() {
    if (Thread.currentThread() != context.thread()) {
      throw new SluiceException(
          PythonError.WRONG_THREAD,
          "a scope attached on thread %s was used on thread %s. Attach on the thread that calls"
                  .formatted(Errors.name(context.thread()), Errors.name(Thread.currentThread()))
              + " Python, or use Interpreter.submit.");
    }
    if (closed) {
      throw new SluiceException(
          PythonError.SCOPE_CLOSED,
          "a scope of thread %s was used after it was closed. Use Python only inside the"
                  .formatted(Errors.name(context.thread()))
              + " try-with-resources block that attached.");
    }
    if (context.current != state) {
      throw new SluiceException(
          PythonError.NOT_ATTACHED,
          "a scope of thread %s was used while that thread is detached, or attached to another"
                  .formatted(Errors.name(context.thread()))
              + " interpreter. Leave the inner scope first.");
    }
  }

  /** Gives the GIL back, if this is the outermost scope. Closing twice does nothing. */
  @Override
  public void close() {
    if (closed && Thread.currentThread() == context.thread()) {
      return;
    }
    if (Thread.currentThread() == context.thread() && context.current != state) {
      throw new SluiceException(
          PythonError.SCOPE_ORDER,
          "scopes of thread %s were closed in another order than the reverse of their opening."
                  .formatted(Errors.name(context.thread()))
              + " Use try-with-resources.");
    }
    checkScope();
    closed = true;
    if (held != null && previous != state) {
      held.commit(state.interpreter);
    }
    state.depth--;
    if (borrowed) {
      state.left();
      context.current = null;
      state.interpreter.takeBack(state);
    } else if (previous != state) {
      state.detach();
      leave(state);
      if (previous != null) {
        previous.interpreter.gate().takeAgain(previous);
      }
      context.current = previous;
    }
  }
}
