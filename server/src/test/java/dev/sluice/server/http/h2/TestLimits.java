package dev.sluice.server.http.h2;

import dev.sluice.server.http.connection.HttpLimits;
import java.time.Duration;

/** Limits of which a test changes a few. */
final class TestLimits {
  int requestLine = 8 * 1024;
  int headerBytes = 64 * 1024;
  int headers = 128;
  long requestBody = 1L << 30;
  int bodyInMemory = 256 * 1024;
  long bodiesInMemory = 128 << 20;
  int streams = 100;
  int uploadRate = 100;
  Duration idle = Duration.ofSeconds(30);
  Duration keepAlive = Duration.ofSeconds(75);
  Duration header = Duration.ofSeconds(20);
  Duration body = Duration.ofSeconds(30);
  Duration send = Duration.ofSeconds(60);

  HttpLimits build() {
    return new HttpLimits(
        requestLine,
        headerBytes,
        headers,
        requestBody,
        bodyInMemory,
        bodiesInMemory,
        10_000,
        streams,
        uploadRate,
        idle,
        keepAlive,
        Duration.ofSeconds(10),
        header,
        body,
        send);
  }
}
