package dev.sluice.python;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code sluice-gil-watch}: looks twice a second, without the GIL, for threads that keep
 * it while they wait in Java, and for references that nobody has released because nobody attaches.
 */
final class Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
  private static final long INTERVAL_MILLIS = 500;

  private final Python python;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** For each state, at which of its stays in Python it was seen to stall; of this thread only. */
  private final Map<ThreadState, Long> seen = new HashMap<>();

  private final Map<ThreadState, Long> reported = new HashMap<>();
  private final Events.Counts counts = new Events.Counts();

  Watch(Python python) {
    this.python = python;
  }

  void start() {
    Events.look(); // a recording may have begun with the process
    Thread thread = new Thread(this::run, "sluice-gil-watch");
    thread.setDaemon(true);
    thread.start();
  }

  void stop() {
    stopped.countDown();
  }

  private void run() {
    try {
      while (!stopped.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
        Events.look();
        python.remindHost();
        for (Interpreter interpreter : python.interpreters()) {
          look(interpreter);
          counts.tell(interpreter);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(Interpreter interpreter) {
    boolean someoneWaits = false;
    for (ThreadState state : interpreter.states().all()) {
      someoneWaits |= state.isWaiting();
    }
    for (ThreadState state : interpreter.states().all()) {
      if (!state.isParkedWithGil()) {
        seen.remove(state);
        continue;
      }
      interpreter.hold(state); // so that whoever comes now waits where it can give up
      Long stay = state.attaches();
      boolean again = stay.equals(seen.put(state, stay));
      if (again && someoneWaits && !stay.equals(reported.put(state, stay))) {
        report(interpreter, state);
      }
    }
    drainWhenIdle(interpreter);
  }

  private static void report(Interpreter interpreter, ThreadState holder) {
    SluiceException stacks =
        new SluiceException(
            PythonError.GIL_STALLED,
            "thread %s keeps the GIL of the interpreter %s while it waits in Java, %s. Wait inside"
                    .formatted(
                        Errors.name(holder.thread), interpreter.name(), Errors.place(holder.thread))
                + " Attached.detached, or without a scope.");
    stacks.setStackTrace(holder.thread.getStackTrace());
    for (ThreadState waiter : interpreter.states().all()) {
      if (waiter.isWaiting()) {
        stacks.addSuppressed(Errors.stackOf(waiter.thread));
      }
    }
    LOG.warn("{}: {}", stacks.code().id(), stacks.getMessage(), stacks);
  }

  private static void drainWhenIdle(Interpreter interpreter) {
    if (interpreter.references().areWaiting() && !interpreter.isClosed()) {
      try {
        interpreter.submit(py -> true);
      } catch (SluiceException closedMeanwhile) {
        LOG.debug("{} is closed", interpreter.name());
      }
    }
  }
}
