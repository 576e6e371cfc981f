package dev.sluice.bridge;

import dev.sluice.python.Attached;
import dev.sluice.python.ThreadView;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A loop as others see it, who need neither its consent nor the GIL: any thread, but for what the
 * loop's own thread notes here, which costs it two writes for each look for events.
 */
public final class LoopView {
  private volatile @Nullable ThreadView thread;
  private volatile @Nullable String interpreter;

  /** When it last came back from where it rests and looks for events; 0 while it is there. */
  private volatile long since;

  LoopView() {}

  /** All loops of the process that run now. */
  public static List<LoopView> all() {
    return LoopDoor.running();
  }

  /** The calling thread runs the loop from now on; attached. */
  void entered(Attached py) {
    interpreter = py.interpreter().name();
    since = System.nanoTime() | 1;
    thread = ThreadView.of(py);
  }

  /** Nobody runs it any more. */
  void left() {
    thread = null;
  }

  void rests() {
    since = 0;
  }

  void goesOn() {
    since = System.nanoTime() | 1;
  }

  boolean runs() {
    return thread != null;
  }

  /** The thread that runs it; empty if none does now. */
  public Optional<ThreadView> thread() {
    return Optional.ofNullable(thread);
  }

  /** The name of its interpreter. */
  public String interpreter() {
    String known = interpreter;
    return known == null ? "" : known;
  }

  /**
   * Tells one stay with callbacks from the next: when it last looked for events, by {@link
   * System#nanoTime}; 0 while it does.
   */
  public long since() {
    return since;
  }
}
