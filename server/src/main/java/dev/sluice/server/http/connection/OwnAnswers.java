package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.ResponseHead;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What the server answers without asking the application; any thread. */
public final class OwnAnswers {
  private OwnAnswers() {}

  /** Answers a request that was received whole. */
  public static void respond(Exchange exchange, int status, String why) {
    byte[] text = text(why);
    exchange.respond(head(status, text), ByteBuffer.wrap(text));
  }

  public static byte[] text(String why) {
    return (why + "\n").getBytes(StandardCharsets.UTF_8);
  }

  public static ResponseHead head(int status, byte[] text) {
    ResponseHead head = new ResponseHead();
    head.reset(status, HttpResponseStatus.valueOf(status).reasonPhrase());
    if (status == 503) {
      head.header("Retry-After", "1");
    }
    head.header("Content-Type", "text/plain; charset=utf-8");
    head.header("Content-Length", Integer.toString(text.length));
    head.declareContentLength(text.length);
    return head;
  }
}
