package dev.sluice.server.http.h2;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.EnumMap;
import java.util.Map;

/**
 * How many frames a client may send that cost it little and the server something; on the
 * connection's IO thread. Each kind has a number for every {@link #WINDOW_SECONDS}; whoever sends
 * more is told to calm down, and the connection ends.
 */
final class FrameBudget {
  static final int WINDOW_SECONDS = 10;

  /** What is counted, and how much of it is allowed. */
  enum Kind {
    /**
     * A request taken back ("rapid reset"). Every two requests that were answered allow one more,
     * so that a proxy that carries many people's requests is not cut off.
     */
    RESET(200),
    /** A stream that this side had to reset, because of what the client sent on it. */
    FAULT(200),
    SETTINGS(100),
    PING(1000),
    PRIORITY(1000),
    /** A frame of data without data that does not end its stream. */
    EMPTY_DATA(200),
    /** A frame of a type that is not known here. */
    UNKNOWN(1000);

    final int allowed;

    Kind(int allowed) {
      this.allowed = allowed;
    }
  }

  private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
  private int answered;
  private int windowStart;

  /** Counts one. */
  void spend(Kind kind) throws Http2Exception {
    int extra = kind == Kind.RESET ? answered / 2 : 0;
    if (counts.merge(kind, 1, Integer::sum) > kind.allowed + extra) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM,
          "more than %d frames of kind %s in %d seconds",
          kind.allowed + extra,
          kind,
          WINDOW_SECONDS);
    }
  }

  /** A request was answered. */
  void answered() {
    answered++;
  }

  /** Begins a new window if it is time; once a second. */
  void tick(int second) {
    if (second - windowStart >= WINDOW_SECONDS) {
      windowStart = second;
      answered = 0;
      counts.clear();
    }
  }
}
