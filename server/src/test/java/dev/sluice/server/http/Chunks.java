package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Answers in chunks, as a client reads them. */
final class Chunks {
  private Chunks() {}

  /** Reads an answer in chunks. */
  static String read(Wire wire) throws IOException {
    assertThat(wire.readHead()).contains("chunked");
    StringBuilder body = new StringBuilder();
    for (int size = readSize(wire); size > 0; size = readSize(wire)) {
      byte[] chunk = wire.socket().getInputStream().readNBytes(size + 2);
      body.append(new String(chunk, 0, size, StandardCharsets.US_ASCII));
    }
    wire.socket().getInputStream().readNBytes(2);
    return body.toString();
  }

  private static int readSize(Wire wire) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.indexOf("\r\n") < 0) {
      int next = wire.socket().getInputStream().read();
      assertThat(next).as("a byte behind %s", line).isNotNegative();
      line.append((char) next);
    }
    return Integer.parseInt(line.substring(0, line.length() - 2), 16);
  }
}
