package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.ResponseHead;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the server answers without asking the application; any thread. */
public final class OwnAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(HttpExchange.class);

  private OwnAnswers() {}

  /** Answers a request that was received whole. */
  public static void respond(Exchange exchange, int status, String why) {
    byte[] text = text(why);
    exchange.respond(head(status, text), ByteBuffer.wrap(text));
  }

  /** Gives a request to the handler, or answers it if that takes no more. */
  static void unlessTaken(Exchange exchange, RequestHandler handler) {
    try {
      if (!handler.accept(exchange)) {
        respond(exchange, 503, "too many requests are waiting here: try again soon");
      }
    } catch (RuntimeException | Error e) {
      LOG.error("a request could not be handed over: {}", e.toString());
      exchange.abort();
    }
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
    if (status == 426) {
      head.header("Upgrade", "websocket");
      head.header("Connection", "Upgrade");
      head.header("Sec-WebSocket-Version", "13");
    }
    head.header("Content-Type", "text/plain; charset=utf-8");
    head.header("Content-Length", Integer.toString(text.length));
    head.declareContentLength(text.length);
    return head;
  }
}
