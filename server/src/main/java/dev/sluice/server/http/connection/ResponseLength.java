package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.LogText;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the body of a response is, as its head says and as it is sent: what is too long is cut,
 * and what is too short is broken off. Any thread, with the exchange locked.
 */
public final class ResponseLength {
  private static final Logger LOG = LoggerFactory.getLogger(HttpExchange.class);

  private final RequestHead request;
  private final boolean isHeadRequest;
  private long declared = -1;
  private boolean none;
  private long sent;
  private boolean broken;

  ResponseLength(RequestHead request) {
    this.request = request;
    isHeadRequest = request.method().equals("HEAD");
  }

  /** Takes what the head says. */
  void begin(ResponseHead head) {
    declared = head.contentLength();
    none = isHeadRequest || hasNoBody(head.status());
  }

  /** Whether a response with this status has no body, whatever its head says. */
  private static boolean hasNoBody(int status) {
    return status == 204 || status == 304 || status < 200;
  }

  /** Whether a response with this head has a body of just so many bytes. */
  boolean isJust(ResponseHead head, int size) {
    return !isHeadRequest && !hasNoBody(head.status()) && head.contentLength() == size;
  }

  /** Whether only the request's method takes the body away, and nothing tells its length. */
  boolean lacksLength(ResponseHead head) {
    return isHeadRequest && declared < 0 && !hasNoBody(head.status());
  }

  /** What the head declares, or -1. */
  public long declared() {
    return declared;
  }

  /** Whether there is no body, because of the status or of the request's method. */
  public boolean isNone() {
    return none;
  }

  /** Whether what was sent is less than what was declared, for all to see. */
  public boolean isShort() {
    return !none && sent < declared;
  }

  long sent() {
    return sent;
  }

  /** Counts bytes as sent; less than zero, if some were not sent after all. */
  void send(long bytes) {
    sent += bytes;
  }

  /** Whether fewer bytes were sent than declared, or more: what follows could be misread. */
  public boolean isBroken() {
    return broken;
  }

  void breakOff() {
    broken = true;
  }

  /** How much of a piece there is room for; counts it as sent. */
  long allow(long size) {
    if (none) {
      return 0;
    }
    if (declared >= 0 && sent + size > declared) {
      if (!broken) {
        LOG.warn(
            "the application sent more than its Content-Length of {} for {} {}; the rest was cut",
            declared,
            request.method(),
            LogText.of(request.target()));
      }
      size = declared - sent;
      broken = true;
    }
    sent += size;
    return size;
  }

  /** Notes that nothing more comes. */
  void end() {
    if (!none && declared >= 0 && sent < declared) {
      LOG.warn(
          "the application sent {} of the {} bytes of its Content-Length for {} {}",
          sent,
          declared,
          request.method(),
          LogText.of(request.target()));
      broken = true;
    }
  }
}
