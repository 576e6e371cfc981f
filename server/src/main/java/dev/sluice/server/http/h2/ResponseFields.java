package dev.sluice.server.http.h2;

import dev.sluice.server.exchange.ResponseHead;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a response's head on its way to the IO thread, where it becomes header fields: names in
 * lower case, and none of those that belong to connections of HTTP/1. Made by any thread.
 */
final class ResponseFields {
  private static final AsciiString DATE = AsciiString.cached("date");
  private static final AsciiString SERVER = AsciiString.cached("server");
  private static final AsciiString SLUICE = AsciiString.cached("sluice");
  private static final AsciiString LENGTH = AsciiString.cached("content-length");
  private static final List<AsciiString> OF_CONNECTIONS =
      List.of(
          AsciiString.cached("connection"),
          AsciiString.cached("keep-alive"),
          AsciiString.cached("proxy-connection"),
          AsciiString.cached("transfer-encoding"),
          AsciiString.cached("upgrade"),
          AsciiString.cached("http2-settings"));

  private final int status;
  private final byte[] lines;
  private final boolean hasDate;
  private final boolean hasServer;

  private AsciiString[] fields = new AsciiString[16];
  private int count;

  ResponseFields(ResponseHead head) {
    status = head.status();
    lines = Arrays.copyOfRange(head.bytes(), head.headersStart(), head.length());
    hasDate = head.hasDate();
    hasServer = head.hasServer();
  }

  int status() {
    return status;
  }

  /**
   * The fields of a final response.
   *
   * @param date to be added if there is none
   * @param addLength a content-length to add, or -1
   */
  Http2Headers complete(AsciiString date, long addLength) {
    readLines();
    if (!hasDate) {
      add(DATE, date);
    }
    if (!hasServer) {
      add(SERVER, SLUICE);
    }
    if (addLength >= 0) {
      add(LENGTH, new AsciiString(Long.toString(addLength)));
    }
    return withStatus();
  }

  /** The fields of an informational response: just what the application gave. */
  Http2Headers information() {
    readLines();
    return withStatus();
  }

  /** Trailers, or null if none of them may be sent. */
  @Nullable Http2Headers trailers() {
    readLines();
    return count == 0 ? null : ReadOnlyHttp2Headers.trailers(false, Arrays.copyOf(fields, count));
  }

  private Http2Headers withStatus() {
    return ReadOnlyHttp2Headers.serverHeaders(
        false, HttpResponseStatus.valueOf(status).codeAsText(), Arrays.copyOf(fields, count));
  }

  /** Each line is a name, a colon, a space, a value and CR LF: a head was checked when made. */
  private void readLines() {
    int start = 0;
    while (start < lines.length) {
      int colon = start;
      while (lines[colon] != ':') {
        colon++;
      }
      int end = colon;
      while (lines[end] != '\r') {
        end++;
      }
      AsciiString name = lowerCase(start, colon);
      if (!OF_CONNECTIONS.contains(name)) {
        add(name, value(colon + 1, end));
      }
      start = end + 2;
    }
  }

  private AsciiString lowerCase(int start, int end) {
    byte[] name = Arrays.copyOfRange(lines, start, end);
    for (int i = 0; i < name.length; i++) {
      if (name[i] >= 'A' && name[i] <= 'Z') {
        name[i] = (byte) (name[i] | 0x20);
      }
    }
    return new AsciiString(name, false);
  }

  /** Without white space around it, which HTTP/1 allows and HTTP/2 does not. */
  private AsciiString value(int start, int end) {
    while (start < end && isSpace(lines[start])) {
      start++;
    }
    while (end > start && isSpace(lines[end - 1])) {
      end--;
    }
    return new AsciiString(Arrays.copyOfRange(lines, start, end), false);
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t';
  }

  private void add(AsciiString name, AsciiString value) {
    if (count == fields.length) {
      fields = Arrays.copyOf(fields, count * 2);
    }
    fields[count++] = name;
    fields[count++] = value;
  }
}
