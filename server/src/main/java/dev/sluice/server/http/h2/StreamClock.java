package dev.sluice.server.http.h2;

import dev.sluice.server.http.connection.HttpLimits;

/** Decides once a second whether a stream takes too long; on its IO thread. */
final class StreamClock {
  /** So long a body may arrive at any rate. */
  private static final int RATE_GRACE_SECONDS = 10;

  /**
   * What a client has to take of an answer within the time to send, or all that is left: windows of
   * a byte are no progress.
   */
  private static final int LEAST_TAKEN = 4096;

  private final HttpLimits limits;
  private long seen;
  private int seenSince;
  private int readingSeconds;
  private long taken;
  private int takenSince;
  private boolean sending;

  StreamClock(HttpLimits limits, int second) {
    this.limits = limits;
    seenSince = second;
  }

  /** The body begins now: the client had no leave to send it before. */
  void bodyBegins(int second) {
    seenSince = second;
    readingSeconds = 0;
  }

  /**
   * Whether the body makes too little progress.
   *
   * @param may whether the client may send
   * @param arrived how many bytes have
   */
  boolean isBodySlow(int second, boolean may, long arrived) {
    if (!may) {
      seenSince = second;
      return false;
    }
    readingSeconds++;
    if (arrived != seen) {
      seen = arrived;
      seenSince = second;
    }
    boolean slow =
        readingSeconds > RATE_GRACE_SECONDS && arrived / readingSeconds < limits.uploadRate();
    return slow || Times.isOver(second - seenSince, limits.body());
  }

  /**
   * Whether the client takes too little of the answer.
   *
   * @param waits whether anything waits to be taken
   * @param sent how many bytes have been
   */
  boolean isSendSlow(int second, boolean waits, long sent) {
    if (!waits || !sending || sent - taken >= LEAST_TAKEN) {
      sending = waits;
      taken = sent;
      takenSince = second;
      return false;
    }
    return Times.isOver(second - takenSince, limits.send());
  }
}
