package dev.sluice.server.http;

import java.time.Duration;

/**
 * What a client may use up; immutable, any thread.
 *
 * @param requestLine the most bytes of a request line: beyond it 414
 * @param headerBytes the most bytes of all headers of a request: beyond it 431
 * @param headers the most headers of a request: beyond it 431
 * @param requestBody the most bytes of a request's body: beyond it 413
 * @param bodyInMemory bodies larger than this wait in a temporary file
 * @param connections the most connections at once: beyond it 503 and closed
 * @param keepAlive how long a connection may be idle between requests
 * @param request how long a request may make no progress while it is received: then 408
 */
public record HttpLimits(
    int requestLine,
    int headerBytes,
    int headers,
    long requestBody,
    int bodyInMemory,
    int connections,
    Duration keepAlive,
    Duration request) {

  public static final HttpLimits DEFAULT =
      new HttpLimits(
          8 * 1024,
          64 * 1024,
          128,
          1L << 30,
          256 * 1024,
          10_000,
          Duration.ofSeconds(75),
          Duration.ofSeconds(60));
}
