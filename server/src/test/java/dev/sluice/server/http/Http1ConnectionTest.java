package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.IncomingBody;
import dev.sluice.server.http.connection.Serving;
import java.io.IOException;
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

  private static void endSending(Wire wire) throws IOException {
    wire.socket().shutdownOutput();
  }

  /** Waits until the server has seen what was sent before. */
  private void settle() throws Exception {
    try (Wire other = Wire.plain(port)) {
      other.get("/");
      answer(request(), 200, "settled");
      assertThat(other.readBody()).isEqualTo("settled");
    }
  }

  @Test
  void aRequestThatCannotBecomeWholeIsNotWaitedFor() throws Exception {
    try (Wire wire = Wire.plain(port)) {
      wire.get("/1");
      Exchange first = request();
      wire.send("POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
      endSending(wire);
      settle();
      answer(first, 200, "first");
      long start = System.nanoTime();
      assertThat(wire.readBody()).isEqualTo("first");
      assertThat(wire.readAll()).isEmpty();
      assertThat(System.nanoTime() - start).as("at once").isLessThan(5_000_000_000L);
    }
    assertThat(requests).isEmpty();
  }

  @Test
  void requestsThatAreWholeAreAnsweredBeforeThat() throws Exception {
    try (Wire wire = Wire.plain(port)) {
      wire.get("/1");
      Exchange first = request();
      wire.get("/2").send("POST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
      endSending(wire);
      settle();
      answer(first, 200, "first");
      assertThat(wire.readBody()).isEqualTo("first");
      answer(request(), 200, "second");
      assertThat(wire.readBody()).isEqualTo("second");
      assertThat(wire.readAll()).isEmpty();
    }
    assertThat(requests).isEmpty();
  }
}
