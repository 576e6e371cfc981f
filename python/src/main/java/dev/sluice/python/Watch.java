package dev.sluice.python;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
  private final Map<Interpreter, CompletableFuture<Boolean>> draining = new HashMap<>();
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
        List<Interpreter> interpreters = python.interpreters();
        forget(interpreters);
        Set<Gate> wanted = new HashSet<>();
        for (Interpreter interpreter : interpreters) {
          if (interpreter.states().all().stream().anyMatch(Watch::waits)) {
            wanted.add(interpreter.gate());
          }
        }
        for (Interpreter interpreter : interpreters) {
          look(interpreter, wanted.contains(interpreter.gate()));
          drainWhenIdle(interpreter);
          counts.tell(interpreter);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether somebody waits for the GIL who wants more than to look. */
  private static boolean waits(ThreadState state) {
    return state.isWaiting() && !Onlookers.isOne(state.thread);
  }

  /** Drops what is known of states and interpreters that are gone. */
  private void forget(List<Interpreter> interpreters) {
    if (!seen.isEmpty() || !reported.isEmpty()) {
      Set<ThreadState> living = new HashSet<>();
      interpreters.forEach(interpreter -> living.addAll(interpreter.states().all()));
      seen.keySet().retainAll(living);
      reported.keySet().retainAll(living);
    }
    counts.forgetAllBut(interpreters);
  }

  private void look(Interpreter interpreter, boolean someoneWaits) {
    for (ThreadState state : interpreter.states().all()) {
      Impasse.Doing doing = Impasse.look(state, someoneWaits);
      if (doing != Impasse.Doing.WAITS && doing != Impasse.Doing.HAS_ENDED) {
        seen.remove(state);
        continue;
      }
      interpreter.gate().hold(state); // so that whoever comes now waits where it can give up
      Long stay = state.attaches();
      boolean again = stay.equals(seen.put(state, stay));
      if (again && someoneWaits && !stay.equals(reported.put(state, stay))) {
        if (doing == Impasse.Doing.HAS_ENDED) {
          LOG.error("{}: {}", PythonError.GIL_LOST.id(), Impasse.loss(state));
        } else {
          report(interpreter, state);
        }
      }
    }
  }

  private void report(Interpreter interpreter, ThreadState holder) {
    SluiceException stacks =
        new SluiceException(
            PythonError.GIL_STALLED,
            "thread %s keeps the GIL of the interpreter %s while it waits in Java, %s. Wait inside"
                    .formatted(
                        Errors.name(holder.thread), interpreter.name(), Errors.place(holder.thread))
                + " Attached.detached, or without a scope.");
    stacks.setStackTrace(holder.thread.getStackTrace());
    for (Interpreter other : python.interpreters()) {
      if (other.gate() == interpreter.gate()) {
        other.states().all().stream()
            .filter(Watch::waits)
            .forEach(waiter -> stacks.addSuppressed(Errors.stackOf(waiter.thread)));
      }
    }
    LOG.warn("threads wait for the GIL of the interpreter {}", interpreter.name(), stacks);
  }

  /** One at a time: a thread that waits for the GIL costs a stack. */
  private void drainWhenIdle(Interpreter interpreter) {
    CompletableFuture<?> running = draining.get(interpreter);
    if (running != null && !running.isDone()) {
      return;
    }
    draining.remove(interpreter);
    boolean sweep = interpreter.states().haveEnded();
    if ((sweep || interpreter.references().areWaiting()) && !interpreter.isClosed()) {
      try {
        draining.put(interpreter, interpreter.submit(py -> interpreter.states().sweep() >= 0));
      } catch (SluiceException closedMeanwhile) {
        LOG.debug("{} is closed", interpreter.name());
      }
    }
  }
}
