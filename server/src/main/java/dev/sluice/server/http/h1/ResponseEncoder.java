package dev.sluice.server.http.h1;

import dev.sluice.server.exchange.ResponseHead;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes the head of a response as it goes over the wire; no state, any thread. */
final class ResponseEncoder {
  /** More than all that is added to an application's head. */
  static final int EXTRA = 256;

  private static final byte[] HTTP_1_1 = ascii("HTTP/1.1 ");
  private static final byte[] SERVER = ascii("Server: sluice\r\n");
  private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
  private static final byte[] CLOSE = ascii("Connection: close\r\n");
  private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
  private static final byte[] LENGTH = ascii("Content-Length: ");
  private static final byte[] CRLF = ascii("\r\n");

  private ResponseEncoder() {}

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** How the body is delimited, and what becomes of the connection. */
  enum Framing {
    /** The head says it all: a declared length, or a status that has no body. */
    AS_DECLARED,
    CHUNKED,
    /** The end of the connection is the end of the body. */
    UNTIL_CLOSE
  }

  /**
   * Writes a head, its empty line included.
   *
   * @param addLength a Content-Length to add, or -1
   * @param connection what to say about the connection: 0 nothing, 1 keep-alive, -1 close
   */
  static void head(
      ByteBuf out,
      byte[] head,
      int headLength,
      boolean hasDate,
      boolean hasServer,
      byte[] date,
      Framing framing,
      long addLength,
      int connection) {
    out.writeBytes(HTTP_1_1);
    out.writeBytes(head, 0, headLength);
    if (!hasDate) {
      out.writeBytes(date);
    }
    if (!hasServer) {
      out.writeBytes(SERVER);
    }
    if (framing == Framing.CHUNKED) {
      out.writeBytes(CHUNKED);
    }
    if (addLength >= 0) {
      out.writeBytes(LENGTH);
      decimal(out, addLength);
      out.writeBytes(CRLF);
    }
    if (connection != 0) {
      out.writeBytes(connection > 0 ? KEEP_ALIVE : CLOSE);
    }
    out.writeBytes(CRLF);
  }

  /** Writes the head behind which the connection speaks another protocol. */
  static void switching(ByteBuf out, ResponseHead head, byte[] date) {
    head(
        out,
        head.bytes(),
        head.length(),
        head.hasDate(),
        head.hasServer(),
        date,
        Framing.AS_DECLARED,
        -1,
        0);
  }

  private static void decimal(ByteBuf out, long number) {
    if (number >= 10) {
      decimal(out, number / 10);
    }
    out.writeByte('0' + (int) (number % 10));
  }

  /** A chunk's size line. */
  static void chunkSize(ByteBuf out, long size) {
    int shift = 60;
    while (shift > 0 && (size >>> shift) == 0) {
      shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
      out.writeByte("0123456789abcdef".charAt((int) (size >>> shift) & 0xf));
    }
    out.writeBytes(CRLF);
  }

  static void chunkEnd(ByteBuf out) {
    out.writeBytes(CRLF);
  }

  /** The last chunk and the trailers, if there are any. */
  static void lastChunk(ByteBuf out, @Nullable ResponseHead trailers) {
    out.writeByte('0');
    out.writeBytes(CRLF);
    if (trailers != null) {
      int start = trailers.headersStart();
      out.writeBytes(trailers.bytes(), start, trailers.length() - start);
    }
    out.writeBytes(CRLF);
  }

  /** An informational response, complete. */
  static void information(ByteBuf out, ResponseHead head) {
    out.writeBytes(HTTP_1_1);
    out.writeBytes(head.bytes(), 0, head.length());
    out.writeBytes(CRLF);
  }
}
