package dev.sluice.bridge;

import dev.sluice.python.Attached;
import dev.sluice.python.ThreadView;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A loop as others see it, who need neither its consent nor the GIL: any thread, but for what the
 * loop's own thread notes here, which costs it a few writes and two looks at the clock for each
 * look for events.
 */
public final class LoopView {
  private static final Set<LoopView> RUNNING = ConcurrentHashMap.newKeySet();

  private volatile @Nullable ThreadView thread;
  private volatile @Nullable String interpreter;

  /** When it last came back from where it rests and looks for events; 0 while it is there. */
  private volatile long since;

  /** How long it was with its callbacks. */
  private final Stays stays = new Stays();

  LoopView() {}

  /** All loops of the process that run now. */
  public static List<LoopView> all() {
    return List.copyOf(RUNNING); // not by the doors: Python may not be open yet
  }

  /** The calling thread runs the loop from now on; attached. */
  void entered(Attached py) {
    interpreter = py.interpreter().name();
    since = System.nanoTime() | 1;
    ThreadView its = ThreadView.of(py);
    thread = its;
    LoopSpans.entered(its.thread());
    RUNNING.add(this);
  }

  /** Nobody runs it any more. */
  void left() {
    ThreadView its = thread;
    RUNNING.remove(this);
    thread = null;
    if (its != null) {
      LoopSpans.left(its.thread());
    }
  }

  void rests() {
    long began = since;
    since = 0;
    if (began != 0) {
      stays.add(System.nanoTime() - began);
    }
  }

  void goesOn() {
    since = System.nanoTime() | 1;
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

  /** How long its stays with callbacks took. */
  public Stays stays() {
    return stays;
  }

  /**
   * Tells one stay with callbacks from the next: when it last looked for events, by {@link
   * System#nanoTime}; 0 while it does.
   */
  public long since() {
    return since;
  }
}
