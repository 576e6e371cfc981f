package dev.sluice.server.metrics;

/**
 * What parts of the server know of themselves at this moment; asked by any thread, at each scrape
 * and each question whether the server is ready, so that an answer is a look at a counter.
 */
public interface ServerGauges {
  /** Requests that have been read, and whose response has not ended. */
  int requestsInFlight();

  /** Requests that wait for a worker. */
  int queueDepth();

  /** How many may wait. */
  int queueLimit();

  /** Workers that are inside the application. */
  int workersBusy();

  /** Whether all of them are, with requests that took too long. */
  default boolean isStuck() {
    return false;
  }

  /** All workers. */
  int workers();

  /** Connections that are open, those of the admin address left out. */
  int connections();

  /** Lines of the access log that were dropped so far. */
  default long logLinesDropped() {
    return 0;
  }
}
