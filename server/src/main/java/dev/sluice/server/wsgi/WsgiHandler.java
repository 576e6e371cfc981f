package dev.sluice.server.wsgi;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.RequestHandler;

/** Prepares an application's requests on the IO threads and queues them for the workers. */
final class WsgiHandler implements RequestHandler {
  private final WsgiApplication application;
  private final RequestQueue queue;
  private final WorkerPool workers;

  WsgiHandler(WsgiApplication application, RequestQueue queue, WorkerPool workers) {
    this.application = application;
    this.queue = queue;
    this.workers = workers;
  }

  @Override
  public boolean accept(Exchange exchange) {
    Environ environ = Environ.of(exchange, application.rootPath());
    if (!queue.offer(new WsgiRequest(exchange, environ, application))) {
      return false;
    }
    workers.requestAdded();
    return true;
  }
}
