package dev.sluice.python;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a thread comes into an interpreter and gets its scope; each on the thread itself. */
final class Attaching {
  private Attaching() {}

  static Attached inCallback(Interpreter interpreter) {
    ThreadContext context = ThreadContext.get();
    if (context.current != null || ThreadContext.isInside(interpreter)) {
      return open(interpreter);
    }
    // A thread that Python started, with a state that CPython made for it.
    ThreadState state = context.callerState(interpreter);
    announce(state);
    return borrowed(context, state);
  }

  /** A scope of a thread that is attached already, though by nobody here. */
  private static Attached borrowed(ThreadContext context, ThreadState state) {
    state.attached();
    context.current = state;
    state.depth++;
    return new Attached(context, state, null, false, false);
  }

  static Attached open(Interpreter interpreter) {
    ThreadContext context = ThreadContext.get();
    ThreadState state = state(context, interpreter);
    if (isIn(context, state)) {
      return already(context, state);
    }
    enter(interpreter, state);
    return Objects.requireNonNull(taken(context, state, null));
  }

  /** The state to attach with. */
  private static ThreadState state(ThreadContext context, Interpreter interpreter) {
    ThreadState current = context.current;
    return current != null && current.interpreter == interpreter
        ? current
        : context.stateIn(interpreter);
  }

  /** Whether the thread need not take the GIL; it is announced then. */
  private static boolean isIn(ThreadContext context, ThreadState state) {
    if (context.current == state) {
      return state.isAttached();
    }
    if (!isBorrowing(context, state)) {
      return false;
    }
    enter(state.interpreter, state);
    return true;
  }

  /** Whether the thread is attached, though by nobody here. */
  private static boolean isBorrowing(ThreadContext context, ThreadState state) {
    return context.current == null && state.isAttachedAlready();
  }

  /** The same with a limit: null if the GIL was not to be had in time. */
  static @Nullable Attached open(Interpreter interpreter, Duration limit) {
    ThreadContext context = ThreadContext.get();
    ThreadState state = state(context, interpreter);
    if (isIn(context, state)) {
      return already(context, state);
    }
    enter(interpreter, state);
    return taken(context, state, limit);
  }

  /** The same for whoever ends the interpreter or looks at it, when nobody else is let in. */
  static Attached openAtEnd(Interpreter interpreter) {
    ThreadContext context = ThreadContext.get();
    ThreadState state = context.stateAtEnd(interpreter);
    announce(state);
    if (context.current == state ? state.isAttached() : isBorrowing(context, state)) {
      return already(context, state);
    }
    if (interpreter.isFinalising()) {
      leave(state);
      throw interpreter.closedError();
    }
    ThreadState previous = context.current;
    boolean resumes = leave(context);
    state.interpreter.gate().takeAgain(state);
    return opened(context, state, previous, resumes, false);
  }

  /**
   * The same for an onlooker, which waits in native code in place of threads that stand at the
   * gate; it is attached nowhere else.
   */
  static Attached openBesideGate(Interpreter interpreter) {
    ThreadContext context = ThreadContext.get();
    ThreadState state = context.stateAtEnd(interpreter);
    announce(state);
    if (interpreter.isFinalising()) {
      leave(state);
      throw interpreter.closedError();
    }
    state.attach();
    context.current = state;
    state.depth++;
    return new Attached(context, state, null, true, false);
  }

  /** A scope of a thread that is attached already. */
  private static Attached already(ThreadContext context, ThreadState state) {
    if (context.current != state) {
      return borrowed(context, state);
    }
    state.depth++;
    return new Attached(context, state, state, false, false);
  }

  /** Takes the GIL, and gives that of another interpreter back before; null after the limit. */
  private static @Nullable Attached taken(
      ThreadContext context, ThreadState state, @Nullable Duration limit) {
    ThreadState previous = context.current;
    boolean resumes = leave(context);
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
        if (previous != null && resumes) {
          previous.interpreter.gate().takeAgain(previous);
        }
      }
    }
    return taken ? opened(context, state, previous, resumes, true) : null;
  }

  /** Gives back the GIL that the thread has; whether it had one. */
  private static boolean leave(ThreadContext context) {
    ThreadState previous = context.current;
    boolean attached = previous != null && previous.isAttached();
    if (previous != null && attached) {
      previous.detach();
    }
    return attached;
  }

  private static Attached opened(
      ThreadContext context,
      ThreadState state,
      @Nullable ThreadState previous,
      boolean resumes,
      boolean refusable) {
    context.current = state;
    state.depth++;
    Gate gate = state.interpreter.gate();
    boolean attached = true;
    try {
      // What was dropped may run Python code as it goes, and that Java's.
      if (state.interpreter.housekeep() && gate.detachFor(state)) {
        attached = false;
        if (refusable) {
          gate.take(state);
        } else {
          gate.takeAgain(state);
        }
        attached = true;
      }
    } catch (Throwable t) {
      undo(context, state, previous, resumes, attached);
      throw t;
    }
    return new Attached(context, state, previous, true, resumes);
  }

  /** Leaves the thread as it was before it took the GIL. */
  private static void undo(
      ThreadContext context,
      ThreadState state,
      @Nullable ThreadState previous,
      boolean resumes,
      boolean attached) {
    state.depth--;
    if (attached) {
      state.detach();
    }
    if (previous == state) {
      state.willHold();
      return;
    }
    leave(state);
    if (previous != null && resumes) {
      previous.interpreter.gate().takeAgain(previous);
    }
    context.current = previous;
  }

  private static void announce(ThreadState state) {
    if (state.depth == 0) {
      state.enterInterpreter();
    }
  }

  /** Announces the thread before it asks whether it may come in: see {@link ThreadState#inside}. */
  private static void enter(Interpreter interpreter, ThreadState state) {
    announce(state);
    if (interpreter.isClosed() && state.depth == 0) {
      state.leaveInterpreter();
      throw interpreter.closedError();
    }
  }

  static void leave(ThreadState state) {
    if (state.depth == 0) {
      state.leaveInterpreter();
    }
  }
}
