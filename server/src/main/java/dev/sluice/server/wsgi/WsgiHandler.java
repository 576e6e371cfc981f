package dev.sluice.server.wsgi;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.RequestHandler;

/** Prepares requests on the IO threads and queues them for the workers. */
public final class WsgiHandler implements RequestHandler {
  private final String rootPath;
  private final RequestQueue queue;
  private final WorkerPool workers;

  WsgiHandler(String rootPath, RequestQueue queue, WorkerPool workers) {
    this.rootPath = rootPath;
    this.queue = queue;
    this.workers = workers;
  }

  @Override
  public boolean accept(Exchange exchange) {
    if (!queue.offer(new WsgiRequest(exchange, Environ.of(exchange, rootPath)))) {
      return false;
    }
    workers.requestAdded();
    return true;
  }
}
