package dev.sluice.server.wsgi;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The bounded queue between the IO threads and Python's workers; any thread, never waits. */
final class RequestQueue {
  private final ConcurrentLinkedQueue<WsgiRequest> requests = new ConcurrentLinkedQueue<>();
  private final AtomicInteger depth = new AtomicInteger();
  private final int limit;

  RequestQueue(int limit) {
    this.limit = limit;
  }

  /** Takes a request, unless the queue is full. */
  boolean offer(WsgiRequest request) {
    if (depth.incrementAndGet() > limit) {
      depth.decrementAndGet();
      return false;
    }
    requests.add(request);
    return true;
  }

  @Nullable WsgiRequest poll() {
    WsgiRequest request = requests.poll();
    if (request != null) {
      depth.decrementAndGet();
    }
    return request;
  }

  /** Takes one out that is not to be handled any more; false if somebody has taken it already. */
  boolean remove(WsgiRequest request) {
    boolean was = requests.remove(request);
    if (was) {
      depth.decrementAndGet();
    }
    return was;
  }

  /** Looks at those that wait, the one first that came first, until told to stop. */
  void forEach(Predicate<WsgiRequest> look) {
    for (WsgiRequest request : requests) {
      if (!look.test(request)) {
        return;
      }
    }
  }

  /** How many wait. */
  int depth() {
    return depth.get();
  }

  /** How many may wait. */
  int limit() {
    return limit;
  }

  boolean isEmpty() {
    return requests.isEmpty();
  }
}
