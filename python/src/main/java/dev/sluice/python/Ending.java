package dev.sluice.python;

import dev.sluice.python.CloseReport.Holder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
 */
final class Ending {
  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

  /** Of the limit, what is left for the rest when somebody does not leave. */
  private static final int SHARE_OF_REST = 4;

  private final Interpreter interpreter;
  private final MainThread owner;
  private final Duration defaultLimit;
  private final Finish finish;
  private final AtomicReference<@Nullable CompletableFuture<CloseReport>> result =
      new AtomicReference<>();

  /** Frees an interpreter; on its main thread, attached, with nobody else inside. */
  @FunctionalInterface
  interface Finish {
    /**
     * Leaves the thread detached.
     *
     * @return why it could not be done, or null
     */
    @Nullable String run(ThreadState own);
  }

  Ending(Interpreter interpreter, MainThread owner, Duration defaultLimit, Finish finish) {
    this.interpreter = interpreter;
    this.owner = owner;
    this.defaultLimit = defaultLimit;
    this.finish = finish;
  }

  MainThread owner() {
    return owner;
  }

  /** Runs with the default limit; what held it up goes to the log. */
  void close() {
    boolean first = result.get() == null;
    CloseReport report = run(defaultLimit);
    if (first) {
      log(report);
    }
  }

  void log(CloseReport report) {
    for (Holder holder : report.holders()) {
      LOG.warn("the interpreter {} is not finalised: {}", interpreter.name(), holder);
    }
  }

  CloseReport run(Duration limit) {
    if (ThreadContext.currentIn(interpreter) != null) {
      throw new SluiceException(
          PythonError.SCOPE_ORDER,
          "the interpreter %s was closed on thread %s inside one of its own scopes. Close the scope"
                  .formatted(interpreter.name(), Errors.name(Thread.currentThread()))
              + " first.");
    }
    long start = System.nanoTime();
    long deadline = start + limit.toNanos();
    CompletableFuture<CloseReport> mine = new CompletableFuture<>();
    CompletableFuture<CloseReport> shared = result.compareAndExchange(null, mine);
    if (shared == null) {
      shared = mine;
      if (!owner.isCurrent() && !owner.takesTasks()) {
        result.set(null);
      }
      CompletableFuture<CloseReport> done =
          owner.submit(() -> end(start, deadline - limit.toNanos() / SHARE_OF_REST));
      if (done.isCompletedExceptionally()) {
        throw failure(done);
      }
      done.whenComplete((report, thrown) -> {
        if (thrown == null) {
          mine.complete(report);
        } else {
          mine.completeExceptionally(thrown);
        }
      });
    }
    return await(shared, start, deadline);
  }

  private CloseReport await(CompletableFuture<CloseReport> shared, long start, long deadline) {
    ThreadState given = ThreadContext.giveBack();
    try {
      return shared.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return new CloseReport(
          false, since(start), Stacks.holders(interpreter, others(), owner.thread()));
    } catch (ExecutionException e) {
      throw failure(shared);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new CloseReport(false, since(start), List.of());
    } finally {
      ThreadContext.takeAgain(given);
    }
  }

  private static RuntimeException failure(CompletableFuture<?> failed) {
    try {
      failed.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        return cause;
      }
      return e;
    }
    return new IllegalStateException("it did not fail");
  }

  private CloseReport end(long start, long deadline) {
    owner.end();
    List<ThreadState> inside = new ArrayList<>(interpreter.shut(deadline));
    if (!inside.isEmpty()) {
      List<Holder> holders = Stacks.holders(interpreter, inside, null);
      runExitFunctions();
      return new CloseReport(false, since(start), holders);
    }
    ThreadContext context = ThreadContext.get();
    ThreadState own = context.stateIn(interpreter);
    own.attach();
    context.current = own;
    String problem;
    try {
      interpreter.housekeep();
      problem = finish.run(own);
    } finally {
      context.current = null;
    }
    if (problem != null) {
      return new CloseReport(
          false,
          since(start),
          List.of(new Holder(Errors.name(owner.thread()), problem, List.of(), List.of())));
    }
    return new CloseReport(true, since(start), List.of());
  }

  /** What may be done beside threads that are still inside. */
  private void runExitFunctions() {
    try (Attached py = Attached.openAtEnd(interpreter)) {
      py.importModule("atexit").callMethod("_run_exitfuncs").close();
    }
  }

  private List<ThreadState> others() {
    return interpreter.states().stream().filter(state -> state.inside).toList();
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
