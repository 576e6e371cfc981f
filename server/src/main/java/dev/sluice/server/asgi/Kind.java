package dev.sluice.server.asgi;

import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.util.HashMap;
import java.util.Map;

/** The messages that an application sends. */
enum Kind {
  START("http.response.start"),
  BODY("http.response.body"),
  TRAILERS("http.response.trailers"),
  EARLY_HINT("http.response.early_hint"),
  INFORMATION("http.response.informational"),
  PATH_SEND("http.response.pathsend"),
  ZERO_COPY_SEND("http.response.zerocopysend"),
  PUSH("http.response.push"),
  DEBUG("http.response.debug"),
  ACCEPT("websocket.accept"),
  SEND("websocket.send"),
  CLOSE("websocket.close"),
  DENIAL_START("websocket.http.response.start"),
  DENIAL_BODY("websocket.http.response.body"),
  UNKNOWN("");

  private static final Map<String, Kind> BY_TYPE = new HashMap<>();

  static {
    for (Kind kind : values()) {
      BY_TYPE.put(kind.type, kind);
    }
  }

  private final String type;

  Kind(String type) {
    this.type = type;
  }

  /** What the message's key {@code type} has. */
  String type() {
    return type;
  }

  /**
   * Finds the kinds of messages; on the loop's thread, attached.
   *
   * <p>An application has each type as a constant, so that the same few objects come again and
   * again: they are known by their addresses, which stay theirs because they are held.
   */
  static final class Finder {
    private static final int MOST = 64;

    private final Map<Long, Kind> known = new HashMap<>();

    /** The kind that a str names; {@link #UNKNOWN} also for what is no str. */
    Kind find(long type) {
      Kind found = known.get(type);
      if (found != null) {
        return found;
      }
      if (!ObjectApi.is(type, UnicodeApi.TYPE)) {
        return UNKNOWN;
      }
      Kind read = BY_TYPE.getOrDefault(UnicodeApi.toString(type), UNKNOWN);
      if (read != UNKNOWN && known.size() < MOST) {
        ObjectApi.incRef(type);
        known.put(type, read);
      }
      return read;
    }
  }
}
