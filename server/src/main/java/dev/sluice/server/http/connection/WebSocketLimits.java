package dev.sluice.server.http.connection;

import java.time.Duration;

/**
 * What the client of a WebSocket may use up; immutable, any thread. A time of zero means that there
 * is no limit; for {@code ping}, that nobody is asked.
 *
 * @param message the most bytes of a message, decompressed: beyond it closed with 1009
 * @param frame the most bytes of a frame, as it comes: beyond it closed with 1009
 * @param queued how many messages are kept for a listener that pauses, before nothing more is read
 * @param ping how often the client is asked whether it is still there
 * @param pong how long it may take to answer that: beyond it closed with 1011
 * @param close how long it may take to agree to the end: beyond it the connection is ended
 * @param compression whether permessage-deflate is agreed on with clients that offer it
 */
public record WebSocketLimits(
    int message,
    int frame,
    int queued,
    Duration ping,
    Duration pong,
    Duration close,
    boolean compression) {

  public static final WebSocketLimits DEFAULT =
      new WebSocketLimits(
          16 << 20,
          16 << 20,
          32,
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10),
          true);
}
