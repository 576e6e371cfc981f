package dev.sluice.server.http.websocket;

import dev.sluice.server.exchange.ResponseHead;
import org.jspecify.annotations.Nullable;

/** How an exchange becomes a socket. */
public interface Opening {
  /** The status that says so: 101, or 200 in HTTP/2. */
  int status();

  /**
   * Takes the exchange for the socket; any thread.
   *
   * @return false if somebody has answered in the caller's place
   * @throws IllegalStateException if the exchange has been answered
   */
  boolean claim();

  /**
   * Sends the head and makes way for the socket; on the IO thread.
   *
   * @return null if the client is gone
   */
  @Nullable Carrier open(ResponseHead head, Session session);
}
