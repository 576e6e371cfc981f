package dev.sluice.server.wsgi;

import dev.sluice.server.exchange.Exchange;

/**
 * A request that is ready for the application: made on an IO thread, handled by a worker, and
 * watched by {@link RequestClock}.
 */
final class WsgiRequest {
  private final Exchange exchange;
  private final Environ environ;
  private final long queuedNanos = System.nanoTime();

  /** Whether the client has been answered in the application's place. */
  private volatile boolean expired;

  /** Whether the application has been called for it. */
  private volatile boolean begun;

  /** Whether an exception was raised in the worker's thread; guarded by the GIL. */
  private boolean interrupted;

  WsgiRequest(Exchange exchange, Environ environ) {
    this.exchange = exchange;
    this.environ = environ;
  }

  Exchange exchange() {
    return exchange;
  }

  Environ environ() {
    return environ;
  }

  /** Since when it waits or is handled, as {@link System#nanoTime} counts. */
  long queuedNanos() {
    return queuedNanos;
  }

  boolean isExpired() {
    return expired;
  }

  void expire() {
    expired = true;
  }

  /**
   * Notes that the application is being called, unless somebody else has answered: one of the two
   * sees the other.
   */
  boolean begin() {
    begun = true;
    return !expired;
  }

  boolean isBegun() {
    return begun;
  }

  boolean isInterrupted() {
    return interrupted;
  }

  void setInterrupted() {
    interrupted = true;
  }
}
