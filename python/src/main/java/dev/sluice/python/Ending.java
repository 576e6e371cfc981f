package dev.sluice.python;

import dev.sluice.python.CloseReport.Holder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of one interpreter: asked for by any thread, which waits as long as it wants to, and done
 * once, on the interpreter's main thread.
 *
 * <p>It has three steps. First nobody is let in any more but those who only look ({@link
 * Onlookers}), and whoever is inside is waited for. Then Python code does its part: threads are
 * joined, {@code atexit} functions run. Then nobody at all is let in, not even a thread of Python's
 * own that calls Java; and only when nobody is inside, the interpreter is freed.
 */
final class Ending {
  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

  /** Of the limit, what the other interpreters get to end first. */
  private static final int SHARE_OF_OTHERS = 2;

  /** So often the GIL is looked at, a millisecond apart, before somebody is said to keep it. */
  private static final int LAST_LOOKS = 10;

  /** Of the limit, what is left for the rest when somebody does not leave. */
  private static final int SHARE_OF_REST = 4;

  private final Interpreter interpreter;
  private final MainThread owner;
  private final Duration defaultLimit;
  private final @Nullable SubInterpreters others;
  private final Finish finish;
  private final AtomicReference<@Nullable Begun> begun = new AtomicReference<>();

  /** Frees an interpreter; on its main thread, attached, with nobody else inside. */
  @FunctionalInterface
  interface Finish {
    /**
     * Leaves the thread detached if it could be done.
     *
     * @return why it could not, or null
     */
    @Nullable String run(ThreadState own);

    /** Does what Python code does at the end; on the main thread, attached. */
    default void prepare(Interpreter interpreter) {
      try (Attached py = interpreter.attachedInCallback();
          PyObject ending = py.importModule("sluice._ending");
          PyObject nothing = ending.callMethod("finish")) {
        // Python's own threads are gone now, but for daemons.
      } catch (RuntimeException e) {
        LOG.warn("the interpreter {} does not end as it should", interpreter.name(), e);
      }
    }

    /** Does what may be done beside threads that stay inside; on the main thread. */
    default void beside(Interpreter interpreter) {
      try (Attached py = Attaching.openAtEnd(interpreter);
          PyObject atexit = py.importModule("atexit")) {
        atexit.callMethod("_run_exitfuncs").close();
        flush(py);
      }
    }

    /** What was printed would stay in the streams for ever. */
    private static void flush(Attached py) {
      for (String name : List.of("stdout", "stderr")) {
        try (PyObject sys = py.importModule("sys");
            PyObject stream = sys.attr(name);
            PyObject flush = stream.attr("flush")) {
          flush.call().close();
        } catch (PythonException e) {
          LOG.debug("sys.{} could not be flushed: {}", name, e.toString());
        }
      }
    }
  }

  /** What everybody who asks for the end waits for, and how long the first one does. */
  private record Begun(CompletableFuture<CloseReport> report, long deadline) {}

  /**
   * Ends nothing yet.
   *
   * @param others the interpreters that have to end before this one; null if there are none
   */
  Ending(
      Interpreter interpreter,
      MainThread owner,
      Duration defaultLimit,
      @Nullable SubInterpreters others,
      Finish finish) {
    this.interpreter = interpreter;
    this.owner = owner;
    this.defaultLimit = defaultLimit;
    this.others = others;
    this.finish = finish;
  }

  MainThread owner() {
    return owner;
  }

  /**
   * Runs with the default limit; what held it up goes to the log. If somebody has asked for the end
   * before, it is waited for no longer than by that one.
   */
  void close() {
    Begun before = begun.get();
    if (before != null) {
      refuseIfInside();
      await(before.report, before.deadline);
      return;
    }
    for (Holder holder : run(defaultLimit).holders()) {
      LOG.warn("the interpreter {} is not finalised: {}", interpreter.name(), holder);
    }
  }

  CloseReport run(Duration limit) {
    return Host.released(interpreter, () -> runDetached(limit));
  }

  private CloseReport runDetached(Duration limit) {
    refuseIfInside();
    long start = System.nanoTime();
    long nanos = Queueing.nanos(limit);
    long deadline = start + nanos;
    Begun shared = begun.get();
    if (shared == null && !owner.isCurrent() && !owner.takesTasks()) {
      throw owner.wrongThread();
    }
    List<CloseReport> before =
        others == null ? List.of() : others.shutdown(deadline - nanos / SHARE_OF_OTHERS);
    if (shared == null) {
      shared = begin(start, deadline);
    }
    long look = Math.min(Stacks.PATIENCE_NANOS, nanos / SHARE_OF_REST);
    CloseReport report = await(shared.report, deadline - look);
    if (report == null) {
      report =
          new CloseReport(
              false, since(start), Stacks.holders(interpreter, others(), owner.thread()));
    }
    return withHoldersOf(before, report);
  }

  private Begun begin(long start, long deadline) {
    Begun mine = new Begun(new CompletableFuture<>(), deadline);
    Begun other = begun.compareAndExchange(null, mine);
    if (other != null) {
      return other;
    }
    long rest = (deadline - System.nanoTime()) / SHARE_OF_REST;
    owner
        .submit(() -> end(start, deadline - rest))
        .whenComplete((report, thrown) -> {
          if (thrown == null) {
            mine.report.complete(report);
          } else {
            mine.report.completeExceptionally(thrown);
          }
        });
    return mine;
  }

  /**
   * Refuses whoever would wait for itself, before anything is ended: also a thread that is detached
   * only until Java code returns to Python. {@code sluice run} is outside when its program is over.
   */
  private void refuseIfInside() {
    refuseIfInside(interpreter);
    if (others != null) {
      others.open().forEach(Ending::refuseIfInside);
    }
  }

  private static void refuseIfInside(Interpreter interpreter) {
    if (ThreadContext.isInside(interpreter)) {
      boolean isAttached = ThreadContext.currentIn(interpreter) != null;
      throw new SluiceException(
          PythonError.SCOPE_ORDER,
          "the interpreter %s was closed on thread %s inside one of its own scopes. %s"
              .formatted(
                  interpreter.name(),
                  Errors.name(Thread.currentThread()),
                  isAttached
                      ? "Close the scope first."
                      : "The thread is detached from it for the moment, and goes back to Python"
                          + " when this Java code returns: a function that Python called, or"
                          + " Attached.detached. Close after that, or on another thread, which then"
                          + " waits for this one."));
    }
  }

  /** The report, or null after the deadline. A thread that is interrupted waits nevertheless. */
  private static @Nullable CloseReport await(CompletableFuture<CloseReport> report, long deadline) {
    ThreadState given = ThreadContext.giveBack();
    boolean interrupted = false;
    try {
      for (; ; ) {
        try {
          return report.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          return null;
        } catch (ExecutionException e) {
          return Futures.await(report); // throws what made it fail
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      ThreadContext.takeAgain(given);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static CloseReport withHoldersOf(List<CloseReport> before, CloseReport report) {
    if (before.isEmpty()) {
      return report;
    }
    List<Holder> holders = new ArrayList<>(report.holders());
    before.forEach(other -> holders.addAll(other.holders()));
    return new CloseReport(report.finalised(), report.took(), holders);
  }

  private CloseReport end(long start, long deadline) {
    owner.end();
    List<ThreadState> inside = interpreter.shut(deadline);
    if (!inside.isEmpty()) {
      List<Holder> holders = Stacks.holders(interpreter, inside);
      finish.beside(interpreter);
      return new CloseReport(false, since(start), holders);
    }
    if (!owner.takesTasks() && !isGilToBeHad(deadline)) {
      return new CloseReport(false, since(start), List.of(withoutGil()));
    }
    ThreadContext context = ThreadContext.get();
    ThreadState own = context.stateAtEnd(interpreter);
    own.attach();
    context.current = own;
    String problem = null;
    try {
      interpreter.housekeep();
      finish.prepare(interpreter);
      inside = interpreter.claim(own, deadline);
      if (inside.isEmpty()) {
        problem = finish.run(own);
        if (problem == null) {
          interpreter.references().ended();
          return new CloseReport(true, since(start), List.of());
        }
      }
      interpreter.disclaim();
      finish.beside(interpreter);
      own.detach();
    } finally {
      context.current = null;
    }
    return new CloseReport(false, since(start), leftBy(inside, problem));
  }

  /**
   * Whether another thread can take the GIL until then: the calling one, for which nobody else
   * waits, could not stop waiting for it.
   */
  private boolean isGilToBeHad(long deadline) {
    try {
      interpreter.probe().get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      // Perhaps the probe has had no processor yet.
      return interpreter.gate().isSeenFree(LAST_LOOKS);
    } catch (ExecutionException e) {
      return true; // it was refused, and not by the GIL
    } catch (InterruptedException e) {
      boolean isToBeHad = isGilToBeHad(deadline);
      Thread.currentThread().interrupt();
      return isToBeHad;
    }
  }

  private Holder withoutGil() {
    return new Holder(
        Errors.name(owner.thread()),
        "cannot take the GIL, which a thread of Python's own keeps in C code",
        List.of(),
        List.of());
  }

  private List<Holder> leftBy(List<ThreadState> inside, @Nullable String problem) {
    List<Holder> holders = new ArrayList<>(Stacks.holders(interpreter, inside));
    if (problem != null) {
      holders.add(new Holder(Errors.name(owner.thread()), problem, List.of(), List.of()));
      if (others == null) {
        holders.addAll(Stacks.daemons(interpreter));
      }
    }
    return holders;
  }

  private List<ThreadState> others() {
    return interpreter.states().insiders().stream()
        .filter(state -> state.thread != owner.thread() && !Onlookers.isOne(state.thread))
        .toList();
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
