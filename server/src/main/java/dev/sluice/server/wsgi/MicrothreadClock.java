package dev.sluice.server.wsgi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends requests that take too long where they are microthreads; on its own thread, {@code
 * sluice-py-clock}.
 *
 * <p>The client is answered 504 at once. The microthread is cancelled where it waits, or where it
 * next would; one that computes keeps the whole loop, which is what the guard's watch reports.
 */
final class MicrothreadClock {
  private static final Logger LOG = LoggerFactory.getLogger("sluice.wsgi");
  private static final int STATUS = 504;
  private static final String WHY = "the application took too long to answer";

  private final MicrothreadService service;
  private final long limit;
  private final Thread thread;
  private volatile boolean stopped;

  MicrothreadClock(MicrothreadService service, Duration limit) {
    this.service = service;
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
        service.running().forEach(this::check);
        checkQueue();
      } catch (RuntimeException e) {
        LOG.error("requests could not be looked at: {}", e.toString());
      }
    }
  }

  private boolean isOver(WsgiRequest request) {
    return !request.isExpired() && request.nanos() > limit;
  }

  private void checkQueue() {
    List<WsgiRequest> late = new ArrayList<>();
    service.queue().forEach(request -> isOver(request) && late.add(request));
    for (WsgiRequest request : late) {
      request.expire();
      service.queue().remove(request);
      request.exchange().takeOver(STATUS, WHY);
    }
    if (!late.isEmpty()) {
      LOG.error(
          "{} took longer than {} s in the queue and were answered 504: as many microthreads as may"
              + " be are at work, or the loop stands still",
          late.size() == 1 ? "a request" : late.size() + " requests",
          seconds());
    }
  }

  private void check(MicrothreadRequest running) {
    WsgiRequest request = running.request();
    if (!isOver(request)) {
      return;
    }
    request.expire();
    boolean answered = request.exchange().takeOver(STATUS, WHY);
    String late =
        "%s took longer than %s s and %s"
            .formatted(
                request.describe(),
                seconds(),
                answered ? "was answered 504" : "has its answer, but does not end");
    CompletableFuture<String> cancelled =
        service.cancel(running, "the request took longer than --timeout-request");
    cancelled.whenComplete((stack, failure) -> {
      if (failure != null) {
        LOG.error("{}; its microthread could not be cancelled: {}", late, failure.toString());
      } else if (!stack.isEmpty()) {
        LOG.error("{}. Its microthread is cancelled. Its stack in Python:\n{}", late, stack);
      }
    });
  }

  private String seconds() {
    return String.format(Locale.ROOT, "%.3g", limit / 1e9);
  }
}
