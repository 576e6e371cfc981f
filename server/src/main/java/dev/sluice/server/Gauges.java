package dev.sluice.server;

import dev.sluice.server.http.HttpServer;
import dev.sluice.server.metrics.ServerGauges;
import org.jspecify.annotations.Nullable;

/** What a server knows of itself at this moment: nothing, before it has started; any thread. */
final class Gauges implements ServerGauges {
  private final Operating operating;
  private volatile @Nullable Applications applications;
  private volatile @Nullable HttpServer http;

  Gauges(Operating operating) {
    this.operating = operating;
  }

  void describe(Applications itsApplications, HttpServer itsHttp) {
    applications = itsApplications;
    http = itsHttp;
  }

  @Override
  public int requestsInFlight() {
    HttpServer known = http;
    return known == null ? 0 : known.requestsInFlight();
  }

  @Override
  public int queueDepth() {
    Applications known = applications;
    return known == null ? 0 : known.queueDepth();
  }

  @Override
  public int queueLimit() {
    Applications known = applications;
    return known == null ? 0 : known.queueLimit();
  }

  @Override
  public int workersBusy() {
    Applications known = applications;
    return known == null ? 0 : known.threadsBusy();
  }

  @Override
  public boolean isStuck() {
    Applications known = applications;
    return known != null && known.isStuck();
  }

  @Override
  public int workers() {
    Applications known = applications;
    return known == null ? 0 : known.threads();
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
