package dev.sluice.python;

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

  Thread thread() {
    return thread;
  }

  /** This thread's state in the interpreter, made on first use. */
  ThreadState stateIn(Interpreter interpreter) {
    for (int i = 0; i < states.size(); i++) {
      ThreadState state = states.get(i);
      if (state.interpreter == interpreter) {
        return state;
      }
    }
    states.removeIf(state -> state.interpreter.isClosed());
    ThreadState state = interpreter.newState(thread);
    states.add(state);
    return state;
  }

  /** Records a state that CPython made for this thread. */
  void adopt(ThreadState state) {
    states.add(state);
  }
}
