package dev.sluice.server.http.h2;

import java.nio.ByteBuffer;

/** One frame as it goes over the wire. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Frame(int type, int flags, int stream, byte[] payload) {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** The code of a RST_STREAM. */
  int resetCode() {
    return ByteBuffer.wrap(payload).getInt();
  }

  int goAwayLast() {
    return ByteBuffer.wrap(payload).getInt();
  }

  int goAwayCode() {
    return ByteBuffer.wrap(payload).getInt(4);
  }
}
