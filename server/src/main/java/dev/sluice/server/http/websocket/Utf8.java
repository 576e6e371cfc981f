package dev.sluice.server.http.websocket;

import java.nio.ByteBuffer;

/** Checks a text that comes in pieces, byte by byte; used by one thread. */
final class Utf8 {
  private static final long HIGH_BITS = 0x8080808080808080L;

  /** How many bytes of a character are still to come, and what the next may be. */
  private int wanted;

  private int lowest;
  private int highest;

  /** Looks at the next piece; false if no continuation could make it valid. */
  boolean take(ByteBuffer piece) {
    int end = piece.limit();
    int at = piece.position();
    while (at < end) {
      if (wanted > 0) {
        int next = piece.get(at++) & 0xff;
        if (next < lowest || next > highest) {
          return false;
        }
        expect(wanted - 1, 0x80, 0xbf);
        continue;
      }
      while (at + 8 <= end && (piece.getLong(at) & HIGH_BITS) == 0) {
        at += 8;
      }
      if (at < end && !begin(piece.get(at++) & 0xff)) {
        return false;
      }
    }
    return true;
  }

  /** The first byte of a character: no longer form than needed, no surrogates, up to U+10FFFF. */
  private boolean begin(int first) {
    if (first < 0x80) {
      return true;
    }
    if (first < 0xc2 || first > 0xf4) {
      return false;
    }
    if (first < 0xe0) {
      expect(1, 0x80, 0xbf);
    } else if (first < 0xf0) {
      expect(2, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
    } else {
      expect(3, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
    }
    return true;
  }

  private void expect(int more, int from, int to) {
    wanted = more;
    lowest = from;
    highest = to;
  }

  /** Whether the text could end here. */
  boolean isComplete() {
    return wanted == 0;
  }

  /** Begins another text. */
  void reset() {
    wanted = 0;
  }
}
