package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What is told of one request when it has ended; used with the exchange locked, and opened and
 * closed on the IO thread.
 */
final class Account {
  /** The status that logs have for a client that was gone before there was an answer. */
  private static final int CLIENT_GONE = 499;

  private final IoThread io;
  private final long startNanos = System.nanoTime();
  private int status = CLIENT_GONE;
  private boolean handedOver;
  private boolean closed;

  Account(IoThread io) {
    this.io = io;
  }

  /** The handler is given the request. */
  void open() {
    handedOver = true;
    io.requestBegun();
  }

  void answered(int by) {
    status = by;
  }

  /** Gives the outcome, once: null from then on. */
  @Nullable Outcome close(ResponseLength length, boolean whole) {
    if (closed) {
      return null;
    }
    closed = true;
    if (handedOver) {
      io.requestEnded();
    }
    long took = System.nanoTime() - startNanos;
    return new Outcome(status, length.sent(), startNanos, took, whole && !length.isBroken());
  }
}
