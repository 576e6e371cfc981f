package dev.sluice.server.http.websocket;

import dev.sluice.server.http.connection.WebSocketLimits;
import java.time.Duration;

/** Decides once a second whether the client is asked something, or given up; on the IO thread. */
final class SocketClock {
  private static final int NONE = -1;

  /** How long the last messages of a client may wait where clients are not asked anything. */
  private static final Duration UNASKED = Duration.ofSeconds(60);

  private final WebSocketLimits limits;
  private int lastPing;
  private int askedSince = NONE;
  private int closingSince = NONE;
  private int untakenSince = NONE;
  private long lastProgress;

  /** What is to be done. */
  enum Verdict {
    FINE,
    PING,
    /** The client has not answered. */
    GONE,
    /** The client has not agreed to the end. */
    SLOW_END,
    /** The client says nothing more, and the application does not take what it has said. */
    UNTAKEN
  }

  SocketClock(WebSocketLimits limits, int second) {
    this.limits = limits;
    lastPing = second;
  }

  /** The client has answered. */
  void answered() {
    askedSince = NONE;
  }

  /** The end has begun. */
  void closing(int second) {
    closingSince = second;
  }

  /** The client says nothing more, so that it is not asked anything either. */
  void inputEnding(int second) {
    if (untakenSince == NONE) {
      untakenSince = second;
    }
  }

  /**
   * Looks at the socket.
   *
   * @param reads whether the client is read, so that an answer would be seen
   * @param unsent whether anything waits to be sent, so that a question may not have gone out
   * @param progress changes when the application takes or sends something
   */
  Verdict check(int second, boolean reads, boolean unsent, long progress) {
    if (closingSince != NONE) {
      return isOver(second - closingSince, limits.close()) ? Verdict.SLOW_END : Verdict.FINE;
    }
    if (untakenSince != NONE) {
      return checkUntaken(second, unsent, progress);
    }
    if (askedSince != NONE) {
      if (!reads || unsent) {
        askedSince = second;
      }
      if (isOver(second - askedSince, limits.pong())) {
        return Verdict.GONE;
      }
    }
    if (isOver(second - lastPing, limits.ping())) {
      lastPing = second;
      askedSince = askedSince == NONE ? second : askedSince;
      return Verdict.PING;
    }
    return Verdict.FINE;
  }

  /** An application may take as long as a client could be silent. */
  private Verdict checkUntaken(int second, boolean unsent, long progress) {
    if (unsent || progress != lastProgress) {
      untakenSince = second;
      lastProgress = progress;
    }
    boolean asks = !limits.ping().isZero() && !limits.pong().isZero();
    Duration most = asks ? limits.ping().plus(limits.pong()) : UNASKED;
    return isOver(second - untakenSince, most) ? Verdict.UNTAKEN : Verdict.FINE;
  }

  /** The seconds were counted at their ends, so that one fewer may have passed. */
  private static boolean isOver(int seconds, Duration limit) {
    return !limit.isZero() && (seconds - 1) * 1000L >= limit.toMillis();
  }
}
