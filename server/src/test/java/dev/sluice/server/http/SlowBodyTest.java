package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that send a body while somebody waits for it, and how long that is borne. */
@Timeout(60)
@Tag("slow")
class SlowBodyTest {
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final HttpServer server = new HttpServer(Serving.plain(limits(), this::accept), 1);
  private int port;

  /** A second for a body, and a least rate that nothing here is below. */
  private static HttpLimits limits() {
    HttpLimits d = HttpLimits.DEFAULT;
    return new HttpLimits(
        d.requestLine(),
        d.headerBytes(),
        d.headers(),
        d.requestBody(),
        d.bodyInMemory(),
        d.bodiesInMemory(),
        d.connections(),
        d.streams(),
        1,
        d.idle(),
        d.keepAlive(),
        d.handshake(),
        d.header(),
        Duration.ofSeconds(1),
        d.send());
  }

  private boolean accept(Exchange exchange) {
    Thread.ofVirtual().start(() -> read(exchange));
    return true;
  }

  private void read(Exchange exchange) {
    ByteBuffer piece = ByteBuffer.allocate(65_536);
    long size = 0;
    try {
      for (int read = 0; read >= 0; read = exchange.body().read(piece.clear())) {
        size += read;
      }
      ResponseHead head = new ResponseHead();
      head.reset(200, "OK");
      byte[] text = Long.toString(size).getBytes(StandardCharsets.US_ASCII);
      exchange.respond(head, ByteBuffer.wrap(text));
    } catch (IOException | InterruptedException e) {
      told.add(String.valueOf(e.getMessage()));
    }
  }

  @BeforeEach
  void start() {
    server.bind(ListenerOptions.plain(Site.ANY_PORT));
    port = URI.create(server.urls().getFirst()).getPort();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Wire post(int length) throws IOException {
    return Wire.plain(port)
        .send(
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
                .formatted(length));
  }

  @Test
  void aClientThatDripsIsNotWaitedForWithoutEnd() throws Exception {
    try (Wire wire = post(60_000)) {
      assertThat(wire.readHead()).startsWith("HTTP/1.1 100 ");
      long start = System.nanoTime();
      while (told.isEmpty() && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(12)) {
        wire.send("0123456789");
        Thread.sleep(50);
      }
      assertThat(told.poll()).contains("took too long");
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(900), Duration.ofSeconds(8));
      assertThat(wire.readHead()).startsWith("HTTP/1.1 408 ");
    }
  }

  @Test
  void aClientThatIsFastEnoughMayTakeItsTime() throws Exception {
    int size = 40 * 8192;
    try (Wire wire = post(size)) {
      assertThat(wire.readHead()).startsWith("HTTP/1.1 100 ");
      for (int at = 0; at < size; at += 8192) {
        wire.send(new byte[8192]);
        Thread.sleep(100);
      }
      assertThat(wire.readBody()).isEqualTo(Integer.toString(size));
    }
    assertThat(told).isEmpty();
  }
}
