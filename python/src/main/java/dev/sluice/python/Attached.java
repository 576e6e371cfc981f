package dev.sluice.python;

import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ImportApi;
import dev.sluice.python.capi.UnicodeApi;
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

  /** Whether this scope has taken the GIL, and gives it back when it is closed. */
  private final boolean took;

  /** Whether the thread was attached with the previous state, and has to be so again. */
  private final boolean resumes;

  /** The scope of this thread that was open before, if any. */
  private final @Nullable Attached outer;

  private final Events.@Nullable Held held = Events.held();
  private boolean closed;

  Attached(
      ThreadContext context,
      ThreadState state,
      @Nullable ThreadState previous,
      boolean took,
      boolean resumes) {
    this.context = context;
    this.state = state;
    this.previous = previous;
    this.took = took;
    this.resumes = resumes;
    this.outer = context.top;
    context.top = this;
  }

  /** Whether the calling thread is attached to the interpreter now; any thread. */
  public static boolean isHere(Interpreter interpreter) {
    return ThreadContext.currentIn(interpreter) != null;
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
      module = text == 0 ? 0 : Calls.back(state, ImportApi.importModule(text));
    } finally {
      Calls.done(state.interpreter, text);
    }
    return own(module);
  }

  /** The value of an expression, evaluated in {@code __main__}. */
  public PyObject eval(String expression) {
    check();
    return own(Calls.back(state, Source.run(expression, ImportApi.EXPRESSION)));
  }

  /** The calling thread's state. */
  ThreadState state() {
    return state;
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
   * code may block. On Python's main thread {@link Python#interruptMain} interrupts it; a handler
   * of SIGINT that was due before runs first, and may raise instead.
   */
  public <T extends @Nullable Object> T detached(Supplier<T> code) {
    check();
    ThreadContext.seeSignal(state);
    ThreadState given = ThreadContext.giveBack();
    try {
      return code.get();
    } finally {
      ThreadContext.takeAgain(given);
    }
  }

  /**
   * The same for a sleep that Python code can end at any time, as that of a loop. Whoever ends the
   * interpreter does not wait for a thread of Python's own that sleeps so before Python code has
   * done its part, which may be to end the sleep.
   */
  public <T extends @Nullable Object> T asleep(Supplier<T> code) {
    state.asleep(true);
    try {
      return detached(code);
    } finally {
      state.asleep(false);
    }
  }

  /**
   * Wraps a new reference that a function of CPython has returned; null stands for an exception,
   * which is thrown.
   */
  public PyObject own(long reference) {
    check();
    if (reference == 0) {
      throw failure();
    }
    return state.interpreter.own(reference);
  }

  /** The exception that CPython has just reported on this thread. */
  public PythonException failure() {
    check();
    return PythonException.take(state.interpreter);
  }

  /**
   * The same for whoever only reports it: where it stands for a Java exception, that is not thrown,
   * but the exception is returned as Python sees it.
   */
  public PythonException failureAsRaised() {
    check();
    return PythonException.takeAsRaised(state.interpreter);
  }

  /** Throws what a function of CPython has reported by a negative result. */
  public void checkResult(int result) {
    check();
    if (result < 0) {
      throw failure();
    }
  }

  /** Whether a Python exception is set on this thread. */
  public boolean raised() {
    check();
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
    if (context.current != state || !state.isAttached()) {
      throw new SluiceException(
          PythonError.NOT_ATTACHED,
          "a scope of thread %s for the interpreter %s was used while that thread %s."
              .formatted(
                  Errors.name(context.thread()), state.interpreter.name(), otherwise(context)));
    }
  }

  private static String otherwise(ThreadContext context) {
    ThreadState current = context.current;
    return current == null
        ? "is detached: in Attached.detached, or in a Java function that Python called. Attach"
            + " again there, or let the function take an Attached"
        : "is attached to the interpreter %s. Leave the inner scope first"
            .formatted(current.interpreter.name());
  }

  /**
   * Gives the GIL back, if this is the outermost scope. Closing twice does nothing.
   *
   * @throws SluiceException if inner scopes were left open; they are closed with this one
   */
  @Override
  public void close() {
    if (Thread.currentThread() != context.thread()) {
      checkScope();
    }
    if (closed) {
      return;
    }
    if (!context.isOpenHere(this)) {
      throw orderError("closed a scope while it was detached");
    }
    boolean inOrder = context.top == this;
    context.endDownTo(this);
    end();
    if (!inOrder) {
      throw orderError("closed a scope and left another open inside it, which is closed now");
    }
  }

  /** The scope below this one. */
  @Nullable Attached outer() {
    return outer;
  }

  /** Closes the thread's innermost scope. */
  void end() {
    closed = true;
    context.top = outer;
    if (held != null && (took || previous != state)) {
      held.commit(state.interpreter);
    }
    state.depth--;
    if (took) {
      state.detach();
      if (previous == state) {
        state.willHold();
      }
    } else if (previous != state) {
      state.left();
    }
    if (previous != state) {
      Attaching.leave(state);
      if (previous != null && resumes) {
        previous.interpreter.gate().takeAgain(previous);
      }
      context.current = previous;
    }
  }

  private SluiceException orderError(String what) {
    return new SluiceException(
        PythonError.SCOPE_ORDER,
        "thread %s %s. Use try-with-resources.".formatted(Errors.name(context.thread()), what));
  }
}
