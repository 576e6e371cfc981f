package dev.sluice.server.http.h1;

import dev.sluice.server.http.connection.HttpLimits;
import java.time.Duration;

/** Decides once a second whether a connection takes too long; on its IO thread. */
final class Http1Clock {
  private static final int LINGER_SECONDS = 2;

  /** So long a body may arrive at any rate. */
  private static final int RATE_GRACE_SECONDS = 10;

  private static final int NONE = -1;

  private final HttpLimits limits;
  private int lastProgress;
  private boolean served;

  private int headSince = NONE;
  private int readingSeconds;
  private long bodyBytes;

  private long sendProgress;
  private int sendSince;

  /** What is to be done. */
  enum Verdict {
    FINE,
    CLOSE,
    RESET,
    SLOW_HEAD,
    SLOW_BODY
  }

  Http1Clock(HttpLimits limits) {
    this.limits = limits;
  }

  /** Something was received, or an answer finished. */
  void progress(int second) {
    lastProgress = second;
  }

  /** Whether there has been a request. */
  boolean hasServed() {
    return served;
  }

  void bodyBegins(int second) {
    served = true;
    headSince = NONE;
    lastProgress = second;
    readingSeconds = 0;
    bodyBytes = 0;
  }

  void bodyArrived(int bytes) {
    bodyBytes += bytes;
  }

  /**
   * Looks at the connection.
   *
   * @param reads whether the client could send more of a body
   * @param inHead whether a part of a head has arrived
   * @param sending changes when the client takes something of the answer; -1 if there is none
   */
  Verdict check(int second, State state, boolean reads, boolean inHead, long sending) {
    if (sending >= 0) {
      return checkSending(second, sending);
    }
    sendProgress = NONE;
    int quiet = second - lastProgress;
    return switch (state) {
      case IDLE -> checkIdle(second, quiet, inHead);
      case RECEIVING, STREAMING -> reads ? checkBody(quiet) : fine(second);
      case REFUSED -> quiet > LINGER_SECONDS ? Verdict.CLOSE : Verdict.FINE;
      case IN_FLIGHT, CLOSED -> Verdict.FINE;
    };
  }

  private Verdict fine(int second) {
    lastProgress = second;
    return Verdict.FINE;
  }

  private Verdict checkSending(int second, long sending) {
    lastProgress = second;
    if (sending != sendProgress) {
      sendProgress = sending;
      sendSince = second;
    }
    return isOver(second - sendSince, limits.send()) ? Verdict.RESET : Verdict.FINE;
  }

  private Verdict checkIdle(int second, int quiet, boolean inHead) {
    if (!inHead) {
      headSince = NONE;
      return isOver(quiet, served ? limits.keepAlive() : limits.idle())
          ? Verdict.CLOSE
          : Verdict.FINE;
    }
    if (headSince == NONE) {
      headSince = second;
    }
    return isOver(second - headSince, limits.header()) ? Verdict.SLOW_HEAD : Verdict.FINE;
  }

  private Verdict checkBody(int quiet) {
    readingSeconds++;
    boolean slow =
        readingSeconds > RATE_GRACE_SECONDS && bodyBytes / readingSeconds < limits.uploadRate();
    return slow || isOver(quiet, limits.body()) ? Verdict.SLOW_BODY : Verdict.FINE;
  }

  /** The seconds were counted at their ends, so that one fewer may have passed. */
  private static boolean isOver(int seconds, Duration limit) {
    return !limit.isZero() && (seconds - 1) * 1000L >= limit.toMillis();
  }
}
