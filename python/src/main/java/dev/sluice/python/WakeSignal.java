package dev.sluice.python;

import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The handler of the signal with which {@code sluice/_signals.py} wakes Python's main thread; runs
 * on that thread.
 *
 * <p>No Python function will do. {@code input()} looks for signals once more while the
 * KeyboardInterrupt that ended it is set already, and a Python function that returns then makes a
 * SystemError of it. This one leaves the exception as it is.
 */
public final class WakeSignal {
  private static final AtomicLong WAKES = new AtomicLong();

  private static final Callbacks.Definition HANDLER =
      Callbacks.define(
          "on_wake",
          "on_wake(signum, frame): notes that the main thread is awake",
          (self, arguments, count, names) -> {
            WAKES.incrementAndGet();
            if (ErrorApi.occurred()) {
              return 0;
            }
            ObjectApi.incRef(ObjectApi.NONE);
            return ObjectApi.NONE;
          });

  private static final Callbacks.Definition COUNT =
      Callbacks.define(
          "wakes",
          "wakes(): how often the handler ran",
          (self, arguments, count, names) -> NumberApi.fromLong(WAKES.get()));

  private WakeSignal() {}

  /** A new function, as {@code signal.signal} takes it. */
  public static PyObject handler(Attached py) {
    return py.own(HANDLER.bind(0));
  }

  /** A new function that tells how often the handler ran. */
  public static PyObject count(Attached py) {
    return py.own(COUNT.bind(0));
  }
}
