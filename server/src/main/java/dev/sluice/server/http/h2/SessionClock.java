package dev.sluice.server.http.h2;

import dev.sluice.server.http.connection.HttpLimits;

/** Decides once a second whether a connection as a whole takes too long; on its IO thread. */
final class SessionClock {
  private static final int LINGER_SECONDS = 2;

  /** So long a client has to answer the ping that follows the first word of the end. */
  private static final int ANNOUNCE_SECONDS = 2;

  private static final int NONE = -1;

  private final HttpLimits limits;
  private int begun;
  private boolean received;
  private boolean served;
  private int idleSince;
  private int closingSince;
  private int announcedAt;
  private long units;
  private int midwaySince = NONE;
  private long progress;
  private int progressSince;

  /** What is to be done. */
  enum Verdict {
    FINE,
    CLOSE,
    RESET,
    IDLE,
    SLOW,
    ANNOUNCED
  }

  SessionClock(HttpLimits limits) {
    this.limits = limits;
  }

  void begin(int second) {
    begun = second;
    idleSince = second;
  }

  /** Bytes have arrived. */
  void received() {
    received = true;
  }

  void requestBegun() {
    served = true;
  }

  void streamClosed(int second) {
    idleSince = second;
  }

  void closing(int second) {
    closingSince = second;
  }

  void announced(int second) {
    announcedAt = second;
  }

  /**
   * Looks at the connection.
   *
   * @param preface whether the client's preface has arrived
   * @param active whether any stream is open
   */
  Verdict check(
      int second, boolean preface, boolean active, WatchedFrameReader reader, Http2Output output) {
    if (output.isClosing() && second - closingSince > LINGER_SECONDS) {
      return Verdict.CLOSE;
    }
    if (isSendSlow(second, output.progress())) {
      return Verdict.RESET;
    }
    if (output.isClosing()) {
      return Verdict.FINE;
    }
    if (output.isAnnounced() && second - announcedAt >= ANNOUNCE_SECONDS) {
      return Verdict.ANNOUNCED;
    }
    if (!preface) {
      return checkPreface(second);
    }
    if (isFrameSlow(second, reader)) {
      return Verdict.SLOW;
    }
    if (active || output.isAnnounced()) {
      idleSince = second;
      return Verdict.FINE;
    }
    boolean idle = Times.isOver(second - idleSince, served ? limits.keepAlive() : limits.idle());
    return idle ? Verdict.IDLE : Verdict.FINE;
  }

  private Verdict checkPreface(int second) {
    boolean late = Times.isOver(second - begun, received ? limits.header() : limits.idle());
    return late ? Verdict.CLOSE : Verdict.FINE;
  }

  /** Whether the socket takes nothing although there is something to take. */
  private boolean isSendSlow(int second, long sending) {
    if (sending < 0 || sending != progress) {
      progress = sending;
      progressSince = second;
      return false;
    }
    return Times.isOver(second - progressSince, limits.send());
  }

  private boolean isFrameSlow(int second, WatchedFrameReader reader) {
    if (!reader.isMidway() || reader.units() != units) {
      units = reader.units();
      midwaySince = NONE;
    }
    if (!reader.isMidway()) {
      return false;
    }
    if (midwaySince == NONE) {
      midwaySince = second;
    }
    return Times.isOver(second - midwaySince, limits.header());
  }
}
