package dev.sluice.server.metrics;

/** A server whose figures a test sets. */
public final class FixedGauges implements ServerGauges {
  public int depth;
  public int limit = 100;
  public boolean stuck;

  @Override
  public int requestsInFlight() {
    return 7;
  }

  @Override
  public int queueDepth() {
    return depth;
  }

  @Override
  public int queueLimit() {
    return limit;
  }

  @Override
  public int workersBusy() {
    return 2;
  }

  @Override
  public boolean isStuck() {
    return stuck;
  }

  @Override
  public int workers() {
    return 4;
  }

  @Override
  public int connections() {
    return 55;
  }

  @Override
  public long logLinesDropped() {
    return 3;
  }
}
