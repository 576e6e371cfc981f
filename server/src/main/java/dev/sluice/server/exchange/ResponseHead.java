package dev.sluice.server.exchange;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Status and headers of a response, already in their form on the wire; reused by the thread that
 * fills it.
 *
 * <p>It holds the status code, the reason and the headers, each of the latter ended by CR LF, but
 * neither the protocol's version nor what frames the body, which are the connection's business.
 */
public final class ResponseHead {
  private byte[] bytes = new byte[512];
  private int length;
  private int headersStart;
  private int status;
  private long contentLength = -1;
  private boolean date;
  private boolean server;
  private boolean closes;

  /** Forgets everything and begins with a status such as {@code 200 OK}, which must be valid. */
  public void reset(int newStatus, byte[] statusAndReason, int statusLength) {
    length = 0;
    status = newStatus;
    contentLength = -1;
    date = false;
    server = false;
    closes = false;
    append(statusAndReason, statusLength);
    crlf();
    headersStart = length;
  }

  /** The same head once more, to be changed by itself. */
  public ResponseHead copy() {
    ResponseHead copy = new ResponseHead();
    copy.bytes = Arrays.copyOf(bytes, bytes.length);
    copy.length = length;
    copy.headersStart = headersStart;
    copy.status = status;
    copy.contentLength = contentLength;
    copy.date = date;
    copy.server = server;
    copy.closes = closes;
    return copy;
  }

  /** As {@link #reset(int, byte[], int)}, for statuses of our own. */
  public void reset(int newStatus, String reason) {
    byte[] text = (newStatus + " " + reason).getBytes(StandardCharsets.ISO_8859_1);
    reset(newStatus, text, text.length);
  }

  /** Adds a header that has been checked. */
  public void header(byte[] name, int nameLength, byte[] value, int valueLength) {
    append(name, nameLength);
    ensure(2);
    bytes[length++] = ':';
    bytes[length++] = ' ';
    append(value, valueLength);
    crlf();
  }

  public void header(String name, String value) {
    byte[] n = name.getBytes(StandardCharsets.ISO_8859_1);
    byte[] v = value.getBytes(StandardCharsets.ISO_8859_1);
    header(n, n.length, v, v.length);
  }

  /** Adds all headers of another head. */
  public void headersOf(ResponseHead other) {
    int size = other.length - other.headersStart;
    ensure(size);
    System.arraycopy(other.bytes, other.headersStart, bytes, length, size);
    length += size;
    date |= other.date;
    server |= other.server;
    closes |= other.closes;
  }

  private void append(byte[] text, int textLength) {
    ensure(textLength);
    System.arraycopy(text, 0, bytes, length, textLength);
    length += textLength;
  }

  private void crlf() {
    ensure(2);
    bytes[length++] = '\r';
    bytes[length++] = '\n';
  }

  private void ensure(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }

  /** The encoded form; valid up to {@link #length} until the next change. */
  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return length;
  }

  /** Where the headers begin in {@link #bytes}. */
  public int headersStart() {
    return headersStart;
  }

  public int status() {
    return status;
  }

  /** What the application declared, or -1. */
  public long contentLength() {
    return contentLength;
  }

  /** Records that a Content-Length header was added. */
  public void declareContentLength(long declared) {
    contentLength = declared;
  }

  /** Whether a Date header was added. */
  public boolean hasDate() {
    return date;
  }

  public void declareDate() {
    date = true;
  }

  /** Whether the connection should be closed behind the response; only HTTP/1 has that. */
  public boolean closes() {
    return closes;
  }

  public void declareClose() {
    closes = true;
  }

  /** Whether a Server header was added. */
  public boolean hasServer() {
    return server;
  }

  public void declareServer() {
    server = true;
  }
}
