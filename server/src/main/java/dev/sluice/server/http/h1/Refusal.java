package dev.sluice.server.http.h1;

import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.connection.OwnAnswers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** The answer to what is no request: there is no exchange for it. */
final class Refusal {
  static final String SLOW_BODY = "the body of the request took too long to arrive";

  private Refusal() {}

  /** A whole response after which the connection is closed. */
  static ByteBuf encode(ByteBufAllocator allocator, int status, String why, byte[] date) {
    byte[] text = OwnAnswers.text(why);
    ResponseHead head = OwnAnswers.head(status, text);
    ByteBuf out = allocator.directBuffer();
    ResponseEncoder.head(
        out,
        head.bytes(),
        head.length(),
        false,
        false,
        date,
        ResponseEncoder.Framing.AS_DECLARED,
        -1,
        -1);
    return out.writeBytes(text);
  }
}
