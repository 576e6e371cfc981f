package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.Forwarding;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.RequestObserver;

/**
 * What all connections of a server have in common; immutable but for the memory, any thread.
 *
 * @param handler takes the requests
 * @param observer is told of those that have ended
 * @param forwarding decides whom they come from
 * @param streamsBodies whether bodies that do not fit into memory are read while they arrive,
 *     instead of being stored in a file first
 * @param bodyMemory what the others have together
 */
public record Serving(
    HttpLimits limits,
    RequestHandler handler,
    RequestObserver observer,
    Forwarding forwarding,
    boolean streamsBodies,
    BodyMemory bodyMemory) {
  /** Serving with as much memory for bodies as the limits say. */
  public Serving(
      HttpLimits limits,
      RequestHandler handler,
      RequestObserver observer,
      Forwarding forwarding,
      boolean streamsBodies) {
    this(
        limits,
        handler,
        observer,
        forwarding,
        streamsBodies,
        new BodyMemory(limits.bodiesInMemory()));
  }

  /** Serving without observers and proxies. */
  public static Serving plain(HttpLimits limits, RequestHandler handler) {
    return new Serving(limits, handler, RequestObserver.NONE, Forwarding.NONE, false);
  }

  /** The same for another handler. */
  public Serving with(RequestHandler other) {
    return new Serving(limits, other, observer, forwarding, streamsBodies, bodyMemory);
  }
}
