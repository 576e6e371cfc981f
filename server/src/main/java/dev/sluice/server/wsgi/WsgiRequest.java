package dev.sluice.server.wsgi;

import dev.sluice.python.capi.AsyncExceptions;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.LogText;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

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

  /** Who calls the application for it; null before that. */
  private volatile @Nullable Thread worker;

  /** When the worker's code got an exception because of its being late; guarded by the GIL. */
  private long toldNanos;

  private boolean told;

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
    worker = Thread.currentThread();
    return !expired;
  }

  boolean isBegun() {
    return worker != null;
  }

  /** True once; on the clock's thread. */
  boolean isLateForTheFirstTime() {
    boolean first = !late;
    late = true;
    return first;
  }

  /**
   * Notes that the application is about to get an exception where it reads or sends, because the
   * request is late: it needs no other, which would meet its cleaning up; on the thread that reads
   * or sends, attached.
   */
  void tell() {
    if (!expired || worker != Thread.currentThread()) {
      return;
    }
    if (!told) {
      told = true;
      toldNanos = System.nanoTime();
    }
    if (interrupted) {
      interrupted = false;
      AsyncExceptions.clear(AsyncExceptions.ident());
    }
  }

  /** Whether the application was told so, and that not so long ago; on an attached thread. */
  boolean wasToldWithin(long nanos) {
    return told && System.nanoTime() - toldNanos < nanos;
  }

  boolean isInterrupted() {
    return interrupted;
  }

  void setInterrupted() {
    interrupted = true;
  }
}
