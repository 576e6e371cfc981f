package dev.sluice.server.http.connection;

import java.time.Duration;

/**
 * What a client may use up; immutable, any thread. A time of zero means that there is no limit.
 *
 * @param requestLine the most bytes of a request line: beyond it 414
 * @param headerBytes the most bytes of all headers of a request: beyond it 431
 * @param headers the most headers of a request: beyond it 431
 * @param requestBody the most bytes of a request's body: beyond it 413
 * @param bodyInMemory bodies larger than this wait in a temporary file, or are read while they
 *     arrive
 * @param bodiesInMemory the same once the bodies of all requests have as many bytes in memory; each
 *     connection has 64 KiB beyond that, which its requests share
 * @param connections the most connections at once: beyond it 503 and closed
 * @param streams the most requests at once on one connection of HTTP/2
 * @param uploadRate the fewest bytes a second, on average, at which a body arrives: below it 408
 * @param idle how long a new connection may say nothing
 * @param keepAlive how long a connection may be idle between requests
 * @param handshake how long TLS may take to be agreed on, and a proxy to say who it speaks for
 * @param header how long a request's head may take to arrive: then 408
 * @param body how long a body may make no progress while it is read: then 408
 * @param send how long a client may take nothing of its answer: then the connection is ended
 */
public record HttpLimits(
    int requestLine,
    int headerBytes,
    int headers,
    long requestBody,
    int bodyInMemory,
    long bodiesInMemory,
    int connections,
    int streams,
    int uploadRate,
    Duration idle,
    Duration keepAlive,
    Duration handshake,
    Duration header,
    Duration body,
    Duration send) {

  public static final HttpLimits DEFAULT =
      new HttpLimits(
          8 * 1024,
          64 * 1024,
          128,
          1L << 30,
          2 << 20,
          128L << 20,
          10_000,
          100,
          100,
          Duration.ofSeconds(30),
          Duration.ofSeconds(75),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60));
}
