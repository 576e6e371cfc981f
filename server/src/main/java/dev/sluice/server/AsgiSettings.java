package dev.sluice.server;

import dev.sluice.bridge.LoopOptions.WrongThread;
import dev.sluice.server.asgi.AsgiOptions;
import dev.sluice.server.asgi.AsgiOptions.LifespanMode;
import dev.sluice.server.exchange.RootPath;
import dev.sluice.server.http.connection.WebSocketLimits;

/**
 * How an application of ASGI is served; immutable, any thread.
 *
 * @param lifespan whether it is told when the server starts and ends
 * @param requestLimit how many requests may be with it; beyond it 503
 * @param cancelsGone whether a request's task is cancelled when its client is gone
 * @param wrongThread what becomes of uses of the loop on a thread that does not run it
 * @param webSockets what clients of WebSockets may use up
 */
public record AsgiSettings(
    LifespanMode lifespan,
    int requestLimit,
    boolean cancelsGone,
    WrongThread wrongThread,
    WebSocketLimits webSockets) {
  public static final AsgiSettings DEFAULT =
      new AsgiSettings(
          LifespanMode.AUTO, 10_000, false, WrongThread.RAISE, WebSocketLimits.DEFAULT);

  AsgiOptions options(RootPath rootPath) {
    return new AsgiOptions(rootPath, requestLimit, cancelsGone, lifespan);
  }
}
