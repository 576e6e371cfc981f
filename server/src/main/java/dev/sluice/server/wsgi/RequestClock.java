package dev.sluice.server.wsgi;

import dev.sluice.python.Attached;
import dev.sluice.python.SluiceException;
import dev.sluice.python.capi.AsyncExceptions;
import dev.sluice.server.exchange.LogText;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends requests that take too long; on its own thread, {@code sluice-py-clock}.
 *
 * <p>The client is answered 504 at once. In the thread that has the request an exception is raised
 * at its next bytecode; a thread inside C code cannot be interrupted, and is only reported.
 */
final class RequestClock {
  private static final Logger LOG = LoggerFactory.getLogger("sluice.wsgi");
  private static final int STATUS = 504;

  /** So long the GIL is waited for, before the thread that may have it is only reported. */
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private final WsgiApplication application;
  private final RequestQueue queue;
  private final WorkerPool workers;
  private final long limit;
  private final Thread thread;
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
        workers.forEach(this::check);
        queue.forEach(this::check);
      } catch (RuntimeException e) {
        LOG.error("requests could not be looked at: {}", e.toString());
      }
    }
  }

  private boolean isOver(WsgiRequest request) {
    return !request.isExpired() && System.nanoTime() - request.queuedNanos() > limit;
  }

  /** A request that waits; false ends the look at the queue: the rest came later. */
  private boolean check(WsgiRequest request) {
    if (isOver(request)) {
      expire(request);
    }
    return request.isExpired();
  }

  private void check(WorkerPool.Worker worker) {
    WsgiRequest request = worker.current();
    if (request != null && isOver(request) && expire(request)) {
      interrupt(worker, request);
    }
  }

  private boolean expire(WsgiRequest request) {
    request.expire();
    return request.exchange().takeOver(STATUS, "the application took too long to answer");
  }

  private void interrupt(WorkerPool.Worker worker, WsgiRequest request) {
    String java = stack(worker.thread().getStackTrace());
    String python = "(not to be had: the thread keeps the GIL, in C code or in Java)";
    String done = "It could not be interrupted.";
    try (Attached py = application.interpreter().tryAttach(PATIENCE)) {
      if (py != null) {
        // With the GIL in our hands the worker cannot go on to its next request.
        if (worker.current() != request) {
          return;
        }
        python = application.stack(worker.ident());
        if (AsyncExceptions.raise(worker.ident(), application.requestTimeout())) {
          request.setInterrupted();
          done = "RequestTimeout is raised in it as soon as it runs Python code again.";
        }
      }
    } catch (SluiceException e) {
      LOG.debug("no stack of Python", e);
    }
    LOG.error(
        "{} {} (request {}) took longer than {} s and was answered 504; {} is in it. {}\n"
            + "Its stack in Python:\n{}\nIts stack in Java:\n{}",
        request.exchange().request().method(),
        LogText.of(request.exchange().request().target()),
        request.exchange().number(),
        String.format(Locale.ROOT, "%.3g", limit / 1e9),
        worker.thread().getName(),
        done,
        python,
        java);
  }

  private static String stack(StackTraceElement[] frames) {
    StringBuilder text = new StringBuilder();
    for (StackTraceElement frame : frames) {
      text.append(text.isEmpty() ? "" : "\n").append("  at ").append(frame);
    }
    return text.toString();
  }
}
