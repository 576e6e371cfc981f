package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.IncomingBody;
import dev.sluice.server.http.connection.Serving;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a connection of HTTP/1 behind an answer; the test gives the answers. */
@Timeout(60)
class Http1ConnectionTest {
  static {
    Leaks.watch();
  }

  private final BlockingQueue<Exchange> requests = new LinkedBlockingQueue<>();
  private final HttpServer server =
      new HttpServer(Serving.plain(HttpLimits.DEFAULT, requests::add), 1);
  private int port;

  @BeforeEach
  void start() {
    server.bind(ListenerOptions.plain(Site.ANY_PORT));
    port = URI.create(server.urls().getFirst()).getPort();
  }

  @AfterEach
  void stop() {
    server.close();
    Leaks.assertNone();
  }

  private Exchange request() throws InterruptedException {
    Exchange request = requests.poll(15, TimeUnit.SECONDS);
    assertThat(request).as("a request").isNotNull();
    return request;
  }

  private static void answer(Exchange exchange, int status, String text) {
    ResponseHead head = new ResponseHead();
    head.reset(status, "Whatever");
    exchange.respond(head, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  /** The piece with which the stream has enough is the last one, too. */
  @Test
  void aConnectionGoesOnBehindALargeBodyThatNobodyRead() throws Exception {
    try (Wire wire = Wire.plain(port)) {
      for (int i = 0; i < 3; i++) {
        int size = 256 * 1024 + 1;
        wire.send(
            "POST /%d HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
                .formatted(i, size));
        wire.send(new byte[size]);
        Exchange unread = request();
        while (!((IncomingBody) unread.body()).isComplete()) {
          Thread.sleep(1);
        }
        answer(unread, 403, "no");
        assertThat(wire.readBody()).isEqualTo("no");
      }
      wire.get("/next");
      answer(request(), 200, "yes");
      assertThat(wire.readBody()).isEqualTo("yes");
    }
  }
}
