package dev.sluice.python;

import dev.sluice.python.capi.ThreadStates.Gil;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who has an interpreter's GIL and who waits for it, at one moment, seen from outside: any thread
 * may take one, and needs no GIL for it. It costs some system calls for each thread that has been
 * in the interpreter.
 *
 * @param holder the thread that has it; empty if none has
 * @param waiting the threads of Java's that wait for it
 */
public record GilSample(Optional<String> holder, List<String> waiting) {
  /** So many threads are looked at. */
  private static final int MOST = 64;

  /** Copies the list. */
  public GilSample {
    waiting = List.copyOf(waiting);
  }

  /**
   * Looks. Of an interpreter beside the main one, only what Java knows is told: its memory goes
   * when it ends, and nobody must read it then.
   */
  public static GilSample of(Interpreter interpreter) {
    List<ThreadState> states = interpreter.states().all();
    Gil gil = interpreter.isMain() ? interpreter.gate().gil() : null;
    if (interpreter.isClosed()) {
      return new GilSample(Optional.empty(), List.of());
    }
    Optional<String> holder = Optional.empty();
    List<String> waiting = new ArrayList<>();
    for (ThreadState state : states.subList(0, Math.min(MOST, states.size()))) {
      if (state.isWaiting()) {
        waiting.add(state.thread.getName());
      } else if (gil == null && state.isHolding()) {
        holder = Optional.of(state.thread.getName());
      }
    }
    return new GilSample(
        gil == null || !gil.isTaken() ? holder : Optional.of(ThreadView.name(interpreter, gil)),
        waiting);
  }
}
