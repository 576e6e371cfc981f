package dev.sluice.server.asgi;

import dev.sluice.server.exchange.RootPath;

/**
 * How an application is served; immutable, any thread.
 *
 * @param rootPath the part of each path that is not the application's own
 * @param requestLimit how many requests may be with the application; beyond it 503
 * @param cancelsGone whether a request's task is cancelled when its client is gone
 * @param lifespan whether the application is told when the server starts and ends
 */
public record AsgiOptions(
    RootPath rootPath, int requestLimit, boolean cancelsGone, LifespanMode lifespan) {
  /** Whether an application takes part in the lifespan protocol. */
  public enum LifespanMode {
    /** If it does not, it is served all the same. */
    AUTO,
    /** If it does not, the server does not start. */
    ON,
    /** It is not asked. */
    OFF
  }
}
