package dev.sluice.server.wsgi;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.LogText;
import java.util.Locale;

/**
 * A request that is ready for the application: made on an IO thread, handled by a worker, and
 * watched by {@link RequestClock}.
 */
final class WsgiRequest {
  private final Exchange exchange;
  private final Environ environ;
  private final WsgiApplication application;
  private final long queuedNanos = System.nanoTime();

  /** Since when the client keeps the application waiting; 0 if it does not. */
  private volatile long clientSince;

  /** How long it has done so before; written by the worker. */
  private volatile long clientNanos;

  /** Whether the client has been answered in the application's place. */
  private volatile boolean expired;

  /** Whether the application has been called for it. */
  private volatile boolean begun;

  /** Whether the clock has seen that it is late; on its thread. */
  private boolean late;

  /** Whether an exception was raised in the worker's thread; guarded by the GIL. */
  private boolean interrupted;

  WsgiRequest(Exchange exchange, Environ environ, WsgiApplication application) {
    this.exchange = exchange;
    this.environ = environ;
    this.application = application;
  }

  Exchange exchange() {
    return exchange;
  }

  Environ environ() {
    return environ;
  }

  /** Who answers it. */
  WsgiApplication application() {
    return application;
  }

  /** Since when it waits or is handled, as {@link System#nanoTime} counts. */
  long queuedNanos() {
    return queuedNanos;
  }

  /**
   * How long it waits and is handled already, without the time in which its client did not take
   * what the application gave; any thread.
   */
  long nanos() {
    long since = clientSince;
    long now = System.nanoTime();
    return now - queuedNanos - clientNanos - (since == 0 ? 0 : now - since);
  }

  /** Notes that from now on the application waits for the client; on the worker. */
  void clientIsSlow() {
    clientSince = System.nanoTime();
  }

  /** Notes that it goes on; on the worker. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void clientCaughtUp() {
    long waited = System.nanoTime() - clientSince;
    clientSince = 0;
    clientNanos = clientNanos + waited;
  }

  /** What it is called in the log, and how old it is. */
  String describe() {
    return String.format(
        Locale.ROOT,
        "%s %s (request %d, %.1f s)",
        exchange.request().method(),
        LogText.of(exchange.request().target()),
        exchange.number(),
        (System.nanoTime() - queuedNanos) / 1e9);
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

  /** True once; on the clock's thread. */
  boolean isLateForTheFirstTime() {
    boolean first = !late;
    late = true;
    return first;
  }

  boolean isInterrupted() {
    return interrupted;
  }

  void setInterrupted() {
    interrupted = true;
  }
}
