package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import java.net.ConnectException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Sockets that are left to another process, and the clients that have kept connections. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class LeavingTest {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final String OK = "ok";

  private final CountDownLatch goOn = new CountDownLatch(1);
  private final HttpServer server =
      new HttpServer(Serving.plain(HttpLimits.DEFAULT, this::accept), 1);
  private int port;

  /** {@code /parts} begins its answer, and ends it when it may. */
  private boolean accept(Exchange exchange) {
    ResponseHead head = new ResponseHead();
    head.reset(200, "OK");
    ByteBuffer body = ByteBuffer.wrap(OK.getBytes(StandardCharsets.US_ASCII));
    if (!exchange.request().target().equals("/parts")) {
      exchange.respond(head, body);
      return true;
    }
    head.header("Content-Length", "2");
    head.declareContentLength(2);
    exchange.begin(head);
    exchange.write(body.slice(0, 1));
    Thread.ofVirtual()
        .start(() -> {
          try {
            goOn.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.write(body.slice(1, 1));
          exchange.end();
        });
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

  private CompletableFuture<Void> leave() {
    return CompletableFuture.runAsync(() -> {
      try {
        server.leave(LIMIT);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @Test
  void whoAsksOnAKeptConnectionIsAnsweredForTheLastTime() throws Exception {
    try (Wire kept = Wire.plain(port);
        Wire fresh = Wire.plain(port)) {
      assertThat(kept.get("/").readBody()).isEqualTo(OK);
      CompletableFuture<Void> left = leave();
      Thread.sleep(300);
      for (Wire wire : List.of(kept, fresh)) {
        assertThat(wire.get("/").readAll())
            .startsWith("HTTP/1.1 200 ")
            .containsIgnoringCase("connection: close")
            .endsWith(OK);
      }
      left.get();
    }
  }

  @Test
  void whatStaysIdleIsClosedAfterASecond() throws Exception {
    try (Wire kept = Wire.plain(port)) {
      assertThat(kept.get("/").readBody()).isEqualTo(OK);
      long start = System.nanoTime();
      CompletableFuture<Void> left = leave();
      assertThat(kept.readAll()).isEmpty();
      left.get();
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(900), Duration.ofSeconds(4));
    }
  }

  @Test
  void whoConnectsMeanwhileIsLeftToTheOther() throws Exception {
    try (Wire kept = Wire.plain(port)) {
      assertThat(kept.get("/").readBody()).isEqualTo(OK);
      CompletableFuture<Void> left = leave();
      Thread.sleep(300);
      // Here nobody else has the socket.
      assertThatThrownBy(() -> Wire.plain(port)).isInstanceOf(ConnectException.class);
      assertThat(left).isNotDone();
      left.get();
    }
  }

  /** Its client was not told that it is the last, and may have sent the next request. */
  @Test
  void anAnswerThatHasBegunDoesNotEndItsConnectionUnannounced() throws Exception {
    try (Wire wire = Wire.plain(port).get("/parts")) {
      assertThat(wire.readHead()).doesNotContainIgnoringCase("connection: close");
      CompletableFuture<Void> left = leave();
      Thread.sleep(100);
      goOn.countDown();
      assertThat(
              new String(wire.socket().getInputStream().readNBytes(2), StandardCharsets.US_ASCII))
          .isEqualTo(OK);
      assertThat(wire.get("/").readAll()).containsIgnoringCase("connection: close").endsWith(OK);
      left.get();
    }
  }

  @Test
  void whereNobodyIsConnectedNothingIsWaitedFor() throws Exception {
    long start = System.nanoTime();
    leave().get();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(500));
  }
}
