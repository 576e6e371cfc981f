package dev.sluice.python;

import java.util.Optional;

/**
 * The Java code that Python's main thread is in, where it sees no signal before the code returns to
 * Python; asked by any thread, attached or not.
 */
final class MainWait {
  private final Interpreter main;
  private final Thread thread;

  /**
   * Does nothing yet.
   *
   * @param thread Python's main thread, where that is one of Java's
   */
  MainWait(Interpreter main, Thread thread) {
    this.main = main;
    this.thread = thread;
  }

  /**
   * Interrupts it, so that a signal is seen that Python has not handled yet.
   *
   * @param stay the {@link #stay} in which it is, and was when the signal had not been handled
   */
  void interrupt(long stay) {
    state().ifPresent(state -> state.signal(stay));
  }

  /** Tells one stay in Java from the next; less than 0 if Python code runs there, or nothing. */
  long stay() {
    return state().map(ThreadState::stayInJava).orElse(-1L);
  }

  private Optional<ThreadState> state() {
    Host host = main.host();
    return main.states().insiders().stream()
        .filter(state -> host == null ? state.thread == thread : state.ident == host.mainIdent())
        .findFirst();
  }
}
