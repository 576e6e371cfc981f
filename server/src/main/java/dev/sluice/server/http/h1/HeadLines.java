package dev.sluice.server.http.h1;

import io.netty.buffer.ByteBuf;

/**
 * Looks at how the lines of a head begin, where Netty's decoder is lenient; on the connection's IO
 * thread. Two things are wrong: a line that begins with a space or a tab (an obsolete fold, or a
 * header that hides from a reader that knows no folds), and anything but whole empty lines, each a
 * CRLF, before the request line.
 */
final class HeadLines {
  private boolean begun;
  private boolean afterCr;
  private boolean atLineStart;
  private boolean wrong;

  /** Looks at bytes of a head, which may be any part of it. */
  void look(ByteBuf buffer, int from, int to) {
    int at = begun ? from : skipEmptyLines(buffer, from, to);
    if (at < to && atLineStart) {
      checkStart(buffer.getByte(at));
    }
    while (at < to) {
      int end = buffer.indexOf(at, to, (byte) '\n');
      if (end < 0) {
        atLineStart = false;
        return;
      }
      at = end + 1;
      if (at == to) {
        atLineStart = true;
      } else {
        checkStart(buffer.getByte(at));
      }
    }
  }

  private int skipEmptyLines(ByteBuf buffer, int from, int to) {
    for (int at = from; at < to; at++) {
      byte b = buffer.getByte(at);
      if (b != '\r' && b != '\n') {
        begun = true;
        wrong |= afterCr;
        return at;
      }
      wrong |= (b == '\n') != afterCr;
      afterCr = b == '\r';
    }
    return to;
  }

  private void checkStart(byte first) {
    wrong |= first == ' ' || first == '\t';
  }

  /** Whether something was wrong with the head that ends here; the next one begins. */
  boolean endHead() {
    boolean result = wrong;
    begun = false;
    afterCr = false;
    atLineStart = false;
    wrong = false;
    return result;
  }
}
