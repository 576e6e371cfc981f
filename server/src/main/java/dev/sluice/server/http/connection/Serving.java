package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.Forwarding;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.RequestObserver;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of a server have in common; immutable but for the memory, any thread.
 *
 * @param handler takes the requests
 * @param observer is told of those that have ended
 * @param forwarding decides whom they come from
 * @param bodies how the handler wants the bodies
 * @param bodyMemory what the others have together
 * @param webSockets the limits of WebSockets; null if there are none: handshakes are requests like
 *     any other then, and clients of HTTP/2 are not told that they may ask
 */
public record Serving(
    HttpLimits limits,
    RequestHandler handler,
    RequestObserver observer,
    Forwarding forwarding,
    BodyChoice bodies,
    BodyMemory bodyMemory,
    @Nullable WebSocketLimits webSockets) {
  /** Serving with as much memory for bodies as the limits say, and without WebSockets. */
  public Serving(
      HttpLimits limits,
      RequestHandler handler,
      RequestObserver observer,
      Forwarding forwarding,
      BodyChoice bodies) {
    this(
        limits,
        handler,
        observer,
        forwarding,
        bodies,
        new BodyMemory(limits.bodiesInMemory()),
        null);
  }

  /** Serving without observers and proxies. */
  public static Serving plain(HttpLimits limits, RequestHandler handler) {
    return new Serving(limits, handler, RequestObserver.NONE, Forwarding.NONE, BodyMode.COLLECT);
  }

  /** The same for another handler. */
  public Serving with(RequestHandler other) {
    return new Serving(limits, other, observer, forwarding, bodies, bodyMemory, webSockets);
  }

  /** The same with WebSockets. */
  public Serving with(WebSocketLimits sockets) {
    return new Serving(limits, handler, observer, forwarding, bodies, bodyMemory, sockets);
  }
}
