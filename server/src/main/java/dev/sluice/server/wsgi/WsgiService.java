package dev.sluice.server.wsgi;

import dev.sluice.python.Interpreter;
import dev.sluice.server.exchange.RequestHandler;
import java.time.Duration;
import java.util.List;

/** One application with its queue and its workers; started and stopped by any thread. */
public final class WsgiService {
  private final WorkerPool workers;
  private final WsgiHandler handler;

  /**
   * Makes a service that is not started.
   *
   * @param rootPath the part of each path that belongs to SCRIPT_NAME, or an empty string
   * @param threads the most workers
   * @param queueLimit the most requests that wait for a worker
   */
  public WsgiService(
      Interpreter interpreter,
      WsgiApplication application,
      String rootPath,
      int threads,
      int queueLimit) {
    RequestQueue queue = new RequestQueue(queueLimit);
    workers = new WorkerPool(interpreter.name(), queue, threads, () -> new WsgiCaller(application));
    handler = new WsgiHandler(rootPath, queue, workers);
  }

  public void start() {
    workers.start();
  }

  public RequestHandler handler() {
    return handler;
  }

  /**
   * Ends the workers.
   *
   * @return the threads that were still inside the application when the time was over
   */
  public List<Thread> stop(Duration limit) throws InterruptedException {
    return workers.stop(limit);
  }
}
