package dev.sluice.server.http.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What a close frame says (RFC 6455, 5.5.1 and 7.4); no state, any thread. */
final class CloseCodes {
  static final int GOING_AWAY = 1001;
  static final int INTERNAL_ERROR = 1011;

  /** What is left of a control frame behind the code. */
  private static final int MOST_REASON = 123;

  private CloseCodes() {}

  /** Whether a frame may carry it: those of the RFC and of IANA's list, and 3000 to 4999. */
  static boolean isValid(int code) {
    return (code >= 1000 && code <= 1003)
        || (code >= 1007 && code <= 1014)
        || (code >= 3000 && code <= 4999);
  }

  /** The payload of a close frame; a reason that is too long is cut between two characters. */
  static ByteBuffer payload(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, MOST_REASON);
    while (length < text.length && length > 0 && (text[length] & 0xc0) == 0x80) {
      length--;
    }
    return ByteBuffer.allocate(2 + length).putShort((short) code).put(text, 0, length).flip();
  }

  /** The code of a close frame, or 0 if it has none. */
  static int code(ByteBuffer payload) throws Failure {
    if (!payload.hasRemaining()) {
      return 0;
    }
    int code = payload.remaining() == 1 ? 0 : payload.getShort(payload.position()) & 0xffff;
    if (!isValid(code)) {
      throw Failure.protocol("a close frame has no valid code");
    }
    return code;
  }

  /** The reason behind the code. */
  static String reason(ByteBuffer payload) throws Failure {
    if (!payload.hasRemaining()) {
      return "";
    }
    ByteBuffer text = payload.slice(payload.position() + 2, payload.remaining() - 2);
    Utf8 utf8 = new Utf8();
    if (!utf8.take(text) || !utf8.isComplete()) {
      throw new Failure(Failure.INCONSISTENT, "the reason of a close frame is not UTF-8");
    }
    return StandardCharsets.UTF_8.decode(text).toString();
  }
}
