package dev.sluice.server.asgi;

import dev.sluice.bridge.Loop;
import dev.sluice.bridge.LoopOptions;
import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A loop and the applications of ASGI that it runs; made, started and stopped by any thread, the
 * figures are for any thread.
 */
public final class AsgiLoop {
  /** So long applications may take for their shutdown, if there is no more time. */
  private static final Duration LEAST_SHUTDOWN = Duration.ofMillis(250);

  /** So long the loop may take to end what applications have left on it. */
  private static final Duration LAST_WORDS = Duration.ofMillis(100);

  private final Loop loop;
  private final List<AsgiService> services = new ArrayList<>();

  /** Starts a loop without applications. */
  public AsgiLoop(Attached py, LoopOptions options) {
    loop = py.detached(() -> Loop.start(py.interpreter(), options));
  }

  /**
   * Adds an application, which is not told of anything yet.
   *
   * @param application of ASGI 3
   * @return what takes its requests, on the loop's thread
   */
  public AsgiService add(Attached py, PyObject application, AsgiOptions options) {
    AsgiService service = new AsgiService(py, loop, application, options);
    services.add(service);
    return service;
  }

  /** The loop. */
  public Loop loop() {
    return loop;
  }

  /**
   * Tells the applications that the server starts, one after the other, and waits for their word;
   * on a detached thread.
   *
   * @throws dev.sluice.python.SluiceException if one refuses
   */
  public void start() {
    services.forEach(AsgiService::start);
  }

  /** How many requests may be with the applications. */
  public int requestLimit() {
    return services.stream().mapToInt(AsgiService::requestLimit).sum();
  }

  /** Whether requests are with the applications. */
  public boolean isBusy() {
    return services.stream().anyMatch(AsgiService::isBusy);
  }

  /** Whether nothing goes on any more. */
  public boolean isStuck() {
    return !loop.thread().isAlive();
  }

  /** The requests that the applications have in hand, for people. */
  public List<String> inHand() {
    return services.stream().flatMap(service -> service.inHand().stream()).toList();
  }

  /**
   * Lets what still runs behind answers end, cancels the rest, tells the applications that the
   * server ends, in the opposite order, and ends the loop; on a thread that may block.
   *
   * @param limit how long that may take, but for the least that they get
   * @return the loop's thread, if that has not ended
   */
  public List<Thread> stop(Duration limit) throws InterruptedException {
    Duration most = limit.compareTo(LEAST_SHUTDOWN) < 0 ? LEAST_SHUTDOWN : limit;
    long deadline = System.nanoTime() + most.toNanos();
    for (AsgiService service : services) {
      service.finish(deadline - LEAST_SHUTDOWN.toNanos());
    }
    for (AsgiService service : services.reversed()) {
      service.stop(deadline);
    }
    Duration left = Duration.ofNanos(Math.max(LAST_WORDS.toNanos(), deadline - System.nanoTime()));
    return loop.close(left) ? List.of() : List.of(loop.thread());
  }

  /** Ends the loop where no application has been told of the start. */
  public void discard() {
    loop.close();
  }
}
