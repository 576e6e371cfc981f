package dev.sluice.server.wsgi;

import dev.sluice.python.capi.AsyncExceptions;
import dev.sluice.server.exchange.RequestHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The applications of one interpreter with their queue and their workers; started and stopped by
 * any thread. Under one GIL there is nothing to gain from workers for each.
 */
public final class WsgiService {
  private final RequestQueue queue;
  private final WorkerPool workers;
  private final @Nullable RequestClock clock;

  /**
   * Makes a service that is not started.
   *
   * @param application one of those that it calls
   */
  public WsgiService(WsgiApplication application, WsgiOptions options) {
    queue = new RequestQueue(options.queueLimit());
    workers =
        new WorkerPool(
            application.interpreter().name(),
            queue,
            options.threads(),
            () -> new WsgiCaller(application, options),
            AsyncExceptions::ident,
            options.queueWait());
    clock =
        options.requestTimeout().isZero()
            ? null
            : new RequestClock(application, queue, workers, options.requestTimeout());
  }

  public void start() {
    workers.start();
    if (clock != null) {
      clock.start();
    }
  }

  /** Takes the requests of an application, on the IO threads. */
  public RequestHandler handler(WsgiApplication application) {
    return new WsgiHandler(application, queue, workers);
  }

  /** How many requests wait for a worker; any thread. */
  public int queueDepth() {
    return queue.depth();
  }

  /** How many may wait. */
  public int queueLimit() {
    return queue.limit();
  }

  /** How many workers there are. */
  public int workers() {
    return workers.size();
  }

  /** How many of them have a request; any thread. */
  public int workersBusy() {
    return workers.busy();
  }

  /** Whether every worker has a request that took too long: nothing goes on; any thread. */
  public boolean isStuck() {
    return workers.areAllLate();
  }

  /** The requests that workers have in hand, for people; any thread. */
  public List<String> inHand() {
    List<String> requests = new ArrayList<>();
    workers.forEach(worker -> {
      WsgiRequest request = worker.current();
      if (request != null) {
        requests.add(request.describe() + " in " + worker.thread().getName());
      }
    });
    return requests;
  }

  /**
   * Ends the workers.
   *
   * @return the threads that were still inside the application when the time was over
   */
  public List<Thread> stop(Duration limit) throws InterruptedException {
    if (clock != null) {
      clock.stop();
    }
    return workers.stop(limit);
  }
}
