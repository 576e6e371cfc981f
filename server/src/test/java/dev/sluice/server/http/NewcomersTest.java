package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stop and those who have just connected: nobody who was let in is turned away unheard. */
@Timeout(60)
class NewcomersTest {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final CountDownLatch busy = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final HttpServer server =
      new HttpServer(Serving.plain(HttpLimits.DEFAULT, this::accept), 1);
  private int port;

  /** {@code /busy} keeps the IO thread, as a burst of requests would. */
  private boolean accept(Exchange exchange) {
    if (exchange.request().target().equals("/busy")) {
      busy.countDown();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    ResponseHead head = new ResponseHead();
    head.reset(200, "OK");
    exchange.respond(head, ByteBuffer.wrap(new byte[] {'o', 'k'}));
    return true;
  }

  @BeforeEach
  void start() {
    server.bind(ListenerOptions.plain(Site.ANY_PORT));
    port = URI.create(server.urls().getFirst()).getPort();
  }

  @AfterEach
  void stop() {
    goOn.countDown();
    server.close();
  }

  private CompletableFuture<Integer> drain() {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return server.drain(LIMIT);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @Test
  void whoWaitsToBeAcceptedIsAnswered() throws Exception {
    List<Wire> waiting = new ArrayList<>();
    try (Wire keeper = Wire.plain(port).get("/busy")) {
      busy.await();
      for (int i = 0; i < 100; i++) {
        waiting.add(Wire.plain(port).get("/" + i));
      }
      CompletableFuture<Integer> drained = drain();
      goOn.countDown();
      assertThat(keeper.readBody()).isEqualTo("ok");
      for (Wire wire : waiting) {
        assertThat(wire.readBody()).isEqualTo("ok");
      }
      assertThat(drained.get()).isZero();
    } finally {
      for (Wire wire : waiting) {
        wire.close();
      }
    }
  }

  @Test
  void whoWasJustAcceptedMaySayWhatItWants() throws Exception {
    try (Wire wire = Wire.plain(port)) {
      CompletableFuture<Integer> drained = drain();
      Thread.sleep(40);
      assertThat(drained).isNotDone();
      assertThat(wire.get("/").readHead()).startsWith("HTTP/1.1 200 ");
      assertThat(drained.get()).isZero();
    }
  }

  @Test
  void whoSaysNothingIsNotWaitedForForLong() throws Exception {
    try (Wire wire = Wire.plain(port)) {
      long start = System.nanoTime();
      assertThat(drain().get()).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
      assertThat(wire.readAll()).isEmpty();
    }
  }

  @Test
  void withoutNewcomersNothingIsWaitedFor() throws Exception {
    try (Wire wire = Wire.plain(port)) {
      assertThat(wire.get("/").readBody()).isEqualTo("ok");
      long start = System.nanoTime();
      assertThat(drain().get()).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(90));
    }
  }
}
