package dev.sluice.server.http;

import dev.sluice.server.exchange.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What the server answers without asking the application; on the connection's IO thread. */
final class OwnAnswers {
  private OwnAnswers() {}

  /** Answers a request that was received whole. */
  static void respond(HttpExchange exchange, int status, String why) {
    byte[] text = text(why);
    exchange.respond(head(status, text), ByteBuffer.wrap(text));
  }

  /** A whole response after which the connection is closed, whatever the request was. */
  static ByteBuf refusal(ByteBufAllocator allocator, int status, String why, byte[] date) {
    byte[] text = text(why);
    ResponseHead head = head(status, text);
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

  private static byte[] text(String why) {
    return (why + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static ResponseHead head(int status, byte[] text) {
    ResponseHead head = new ResponseHead();
    head.reset(status, HttpResponseStatus.valueOf(status).reasonPhrase());
    head.header("Content-Type", "text/plain; charset=utf-8");
    head.header("Content-Length", Integer.toString(text.length));
    head.declareContentLength(text.length);
    return head;
  }
}
