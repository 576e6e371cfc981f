package dev.sluice.server.wsgi;

import dev.sluice.python.Attached;
import dev.sluice.python.SluiceException;
import dev.sluice.python.capi.AsyncExceptions;
import dev.sluice.server.exchange.LogText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends requests that take too long; on its own thread, {@code sluice-py-clock}.
 *
 * <p>The client is answered 504 at once. In the thread that has the request an exception is raised
 * at its next bytecode; a thread inside C code cannot be interrupted, and is only reported. One
 * whose reading or sending fails because of it is not interrupted in its cleaning up, but for as
 * long again.
 */
final class RequestClock {
  private static final Logger LOG = LoggerFactory.getLogger("sluice.wsgi");
  private static final int STATUS = 504;

  /** So long the GIL is waited for, before the thread that may have it is only reported. */
  private static final Duration PATIENCE = Duration.ofMillis(200);

  /**
   * And so long when it is tried again, each time longer, as on a busy machine a thread that
   * computes may take long to give the GIL: it has to run for 5 ms before.
   */
  private static final Duration GLANCE = Duration.ofMillis(50);

  private static final int MOST_GLANCES = 5;

  private final WsgiApplication application;
  private final RequestQueue queue;
  private final WorkerPool workers;
  private final long limit;
  private final Thread thread;
  private final List<Late> late = new ArrayList<>();
  private final List<String> reports = new ArrayList<>();
  private int expiredInQueue;

  /** How often the GIL was not to be had, one look after the other. */
  private int fruitless;

  private volatile boolean stopped;

  RequestClock(
      WsgiApplication application, RequestQueue queue, WorkerPool workers, Duration limit) {
    this.application = application;
    this.queue = queue;
    this.workers = workers;
    this.limit = limit.toNanos();
    thread = dev.sluice.python.Python.newThread("sluice-py-clock", this::run);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void stop() {
    stopped = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    long interval = Math.clamp(limit / 10, 5_000_000, 250_000_000);
    while (!stopped) {
      LockSupport.parkNanos(this, interval);
      try {
        // Clients first: the GIL may have to be waited for.
        workers.forEach(this::check);
        queue.forEach(this::check);
        if (expiredInQueue > 0) {
          LOG.error(
              "{} took longer than {} s in the queue and were answered 504: all workers are busy",
              expiredInQueue == 1 ? "a request" : expiredInQueue + " requests",
              String.format(Locale.ROOT, "%.3g", limit / 1e9));
          expiredInQueue = 0;
        }
        interruptLate();
      } catch (RuntimeException e) {
        LOG.error("requests could not be looked at: {}", e.toString());
      }
    }
  }

  private boolean isOver(WsgiRequest request) {
    return !request.isExpired() && request.nanos() > limit;
  }

  /** A request that waits; false ends the look at the queue: the rest came later. */
  private boolean check(WsgiRequest request) {
    if (!isOver(request)) {
      return request.isExpired();
    }
    expire(request);
    if (queue.remove(request)) {
      expiredInQueue++;
    }
    return true;
  }

  /**
   * A request in a worker's hands, or one that a worker has taken from the queue just when it was
   * expired there.
   */
  private void check(WorkerPool.Worker worker) {
    WsgiRequest request = worker.current();
    if (request == null) {
      return;
    }
    if (isOver(request)) {
      boolean answered = expire(request);
      add(worker, request, answered);
    } else if (request.isExpired() && request.isBegun()) {
      add(worker, request, true);
    }
  }

  /** Nobody is interrupted twice: it may be cleaning up. */
  private void add(WorkerPool.Worker worker, WsgiRequest request, boolean answered) {
    if (request.isLateForTheFirstTime()) {
      late.add(new Late(worker, request, answered));
    }
  }

  /** Answers in the application's place; false if that has answered already, or the client left. */
  private boolean expire(WsgiRequest request) {
    request.expire();
    return request.exchange().takeOver(STATUS, "the application took too long to answer");
  }

  /** Takes the GIL once for all; what there is to say is said without it. */
  private void interruptLate() {
    if (late.isEmpty()) {
      return;
    }
    boolean again = late.stream().allMatch(known -> known.reported);
    Duration glance = GLANCE.multipliedBy(Math.min(MOST_GLANCES, fruitless + 1));
    try (Attached py = application.interpreter().tryAttach(again ? glance : PATIENCE)) {
      fruitless = py == null ? fruitless + 1 : 0;
      late.removeIf(known -> known.isDone(py));
    } catch (SluiceException e) {
      LOG.debug("the interpreter is closing", e);
      late.clear();
    }
    reports.forEach(LOG::error);
    reports.clear();
  }

  /** A request that has taken too long, until it is interrupted or has ended; on this thread. */
  private final class Late {
    private final WorkerPool.Worker worker;
    private final WsgiRequest request;
    private final boolean answered;
    private boolean reported;

    Late(WorkerPool.Worker worker, WsgiRequest request, boolean answered) {
      this.worker = worker;
      this.request = request;
      this.answered = answered;
    }

    /**
     * Tries to interrupt it.
     *
     * @param py null if somebody keeps the GIL: then it is tried again
     */
    boolean isDone(@Nullable Attached py) {
      if (worker.current() != request) {
        return true;
      }
      if (py != null && reported && request.wasToldWithin(limit)) {
        return false;
      }
      String java = stack(worker.thread().getStackTrace());
      if (py == null) {
        report(java, "(not to be had: a thread keeps the GIL)", "It is not interrupted yet.");
        return false;
      }
      String python = application.stack(worker.ident());
      // That was Python code, in which others may have had the GIL. From here on nobody has: the
      // worker cannot go on to its next request.
      if (worker.current() != request) {
        return true;
      }
      if (request.wasToldWithin(limit)) {
        report(java, python, "Its reading or sending has failed; it is interrupted if it goes on.");
        return false;
      }
      boolean raised = AsyncExceptions.raise(worker.ident(), application.requestTimeout());
      if (raised) {
        request.setInterrupted();
      }
      report(
          java,
          python,
          raised
              ? "RequestTimeout is raised in it as soon as it runs Python code again."
              : "It could not be interrupted.");
      return true;
    }

    /** Says once that it is late, and once more that it was interrupted after all. */
    private void report(String java, String python, String done) {
      String name =
          "%s %s (request %d)"
              .formatted(
                  request.exchange().request().method(),
                  LogText.of(request.exchange().request().target()),
                  request.exchange().number());
      String thread = worker.thread().getName();
      if (!reported) {
        reports.add(
            String.format(
                Locale.ROOT,
                "%s took longer than %.3g s and %s; %s is in it. %s\n"
                    + "Its stack in Python:\n%s\nIts stack in Java:\n%s",
                name,
                limit / 1e9,
                answered ? "was answered 504" : "has its answer, but does not end",
                thread,
                done,
                python,
                java));
      } else if (request.isInterrupted()) {
        reports.add("%s, still in %s: %s".formatted(name, thread, done));
      }
      reported = true;
    }
  }

  private static String stack(StackTraceElement[] frames) {
    StringBuilder text = new StringBuilder();
    for (StackTraceElement frame : frames) {
      text.append(text.isEmpty() ? "" : "\n").append("  at ").append(frame);
    }
    return text.toString();
  }
}
