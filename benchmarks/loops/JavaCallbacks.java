import dev.sluice.bridge.Loop;
import dev.sluice.bridge.LoopOptions;
import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;

/** A thread of Java's that hands callbacks to a loop; for contestant.py. */
public final class JavaCallbacks {
  /** So many are handed over before it looks whether they were called. */
  private static final int BURST = 10_000;

  private JavaCallbacks() {}

  /** Callbacks a second, of a loop of its own; on an attached thread. */
  public static double perSecond(Attached py, PyObject function, double seconds) {
    return py.detached(() -> {
      try (Loop loop = Loop.start(py.interpreter(), LoopOptions.of())) {
        long begun = System.nanoTime();
        long until = begun + (long) (seconds * 1e9);
        long count = 0;
        while (System.nanoTime() < until) {
          for (int i = 0; i < BURST; i++) {
            loop.callSoon(function);
          }
          count += BURST;
          // All of them have been run, and none is left for the next.
          loop.call(function).join();
        }
        return count * 1e9 / (System.nanoTime() - begun);
      }
    });
  }
}
