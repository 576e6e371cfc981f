package dev.sluice.python;

import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.TrippedSignals;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What SIGINT does where Python's main thread is in Java code that Python has called: the first one
 * interrupts it, a further one ends the process unless it returns to Python soon. For programs
 * whose signals are Python's, as under {@code sluice run}.
 *
 * <p>The thread {@code sluice-signals} reads the numbers of signals that CPython's handler writes,
 * and hands them on to {@code sluice/_signals.py}. It never needs the GIL, which the main thread
 * may hold.
 */
public final class SignalWatch {
  private static final int SIGINT = 2;

  /** So long Java code may take to return after the second signal. */
  private static final long GRACE_MILLIS = 1000;

  /** So long the main thread may take to see a signal before it enters Java, and how often. */
  private static final long PAUSE_MILLIS = 10;

  private static final int LOOKS = 10;

  private final MainWait wait;
  private final long wakeHandler;
  private final Runnable end;
  private final AtomicBoolean ending = new AtomicBoolean();

  /** The stay in Java that a signal has interrupted; on sluice-signals only. */
  private long interrupted = -1;

  /** The number of the signal that wakes; from the start on. */
  private int wakeSignal;

  /** What has been handled; looked for at the first SIGINT, on sluice-signals only. */
  private Optional<TrippedSignals> tripped = Optional.empty();

  private boolean hasLooked;

  /**
   * Watches nothing yet.
   *
   * @param onWake the handler of the signal that wakes ({@link WakeSignal}), which stays open
   * @param end ends the process, on a thread of its own
   */
  public SignalWatch(Python python, PyObject onWake, Runnable end) {
    this.wait = python.mainWait();
    this.wakeHandler = onWake.address();
    this.end = end;
  }

  /**
   * A new function {@code watch(source, sink, wake)} of two descriptors, which Python may close
   * afterwards, and the number of the signal that wakes; it is false where the platform does not
   * let Java have the descriptors.
   */
  public PyObject function(Attached py) {
    return py.own(
        Callbacks.define(
                "watch",
                "watch(source, sink, wake): reads signals there, and hands them on here",
                (self, arguments, count, names) -> {
                  wakeSignal = (int) NumberApi.asLong(Memory.getLong(arguments + 16));
                  boolean started =
                      start(
                          NumberApi.asLong(Memory.getLong(arguments)),
                          NumberApi.asLong(Memory.getLong(arguments + 8)));
                  long result = started ? ObjectApi.TRUE : ObjectApi.FALSE;
                  ObjectApi.incRef(result);
                  return result;
                })
            .bind(0));
  }

  private boolean start(long source, long sink) {
    InputStream in;
    try {
      in = new FileInputStream("/dev/fd/" + source);
    } catch (IOException e) {
      return false;
    }
    OutputStream out;
    try {
      out = new FileOutputStream("/dev/fd/" + sink);
    } catch (IOException e) {
      close(in);
      return false;
    }
    daemon("sluice-signals", () -> read(in, out));
    return true;
  }

  private static void close(AutoCloseable stream) {
    try {
      stream.close();
    } catch (Exception e) {
      throw new IllegalStateException("a descriptor cannot be closed", e);
    }
  }

  private static void daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void read(InputStream in, OutputStream out) {
    try (in;
        out) {
      for (int number = in.read(); number >= 0; number = in.read()) {
        if (number == SIGINT) {
          onInterrupt();
        }
        out.write(number);
      }
    } catch (IOException e) {
      // The program has closed descriptors that are not its own; there is nobody to tell.
    }
  }

  private void onInterrupt() {
    long stay = wait.stay();
    for (int i = 0; i < LOOKS && stay < 0 && isPending(); i++) {
      sleep(PAUSE_MILLIS); // it may be on its way into Java without having looked
      stay = wait.stay();
    }
    // Asked after the stay began, so that it is in that one that the signal waits.
    if (!isPending()) {
      return;
    }
    if (stay >= 0 && stay == interrupted && ending.compareAndSet(false, true)) {
      long same = stay;
      daemon("sluice-interrupt", () -> endUnlessLeft(same));
    }
    interrupted = stay;
    wait.interrupt(stay);
  }

  /** Whether Python has not handled SIGINT yet; true where nobody can tell. */
  private boolean isPending() {
    if (!hasLooked) {
      hasLooked = true;
      tripped = TrippedSignals.find(wakeSignal, wakeHandler);
    }
    return tripped.map(signals -> signals.isTripped(SIGINT)).orElse(true);
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void endUnlessLeft(long stay) {
    sleep(GRACE_MILLIS);
    ending.set(false);
    if (wait.stay() == stay) {
      end.run();
    }
  }
}
