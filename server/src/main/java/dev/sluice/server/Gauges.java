package dev.sluice.server;

import dev.sluice.server.http.HttpServer;
import dev.sluice.server.metrics.ServerGauges;
import dev.sluice.server.wsgi.WsgiService;
import org.jspecify.annotations.Nullable;

/** What a server knows of itself at this moment: nothing, before it has started; any thread. */
final class Gauges implements ServerGauges {
  private final Operating operating;
  private volatile @Nullable WsgiService service;
  private volatile @Nullable HttpServer http;

  Gauges(Operating operating) {
    this.operating = operating;
  }

  void describe(WsgiService itsService, HttpServer itsHttp) {
    service = itsService;
    http = itsHttp;
  }

  @Override
  public int requestsInFlight() {
    HttpServer known = http;
    return known == null ? 0 : known.requestsInFlight();
  }

  @Override
  public int queueDepth() {
    WsgiService known = service;
    return known == null ? 0 : known.queueDepth();
  }

  @Override
  public int queueLimit() {
    WsgiService known = service;
    return known == null ? 0 : known.queueLimit();
  }

  @Override
  public int workersBusy() {
    WsgiService known = service;
    return known == null ? 0 : known.workersBusy();
  }

  @Override
  public boolean isStuck() {
    WsgiService known = service;
    return known != null && known.isStuck();
  }

  @Override
  public int workers() {
    WsgiService known = service;
    return known == null ? 0 : known.workers();
  }

  @Override
  public int connections() {
    HttpServer known = http;
    return known == null ? 0 : known.connections();
  }

  @Override
  public long logLinesDropped() {
    return operating.linesDropped();
  }
}
