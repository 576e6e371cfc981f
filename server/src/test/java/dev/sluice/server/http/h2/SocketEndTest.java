package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Forwarding;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.WebSocket;
import dev.sluice.server.http.BindAddress;
import dev.sluice.server.http.HttpServer;
import dev.sluice.server.http.connection.BodyMode;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.connection.WebSocketLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams whose client ends them while the listener has yet to get what has come. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class SocketEndTest {
  private static final int COUNT = 2000;
  private static final int QUEUED = 4;
  private static final byte[] BYE = WebSocketTest.ws(0x88, new byte[] {3, (byte) 0xe8, 'x'});
  private static final String ANSWER = "\u0088\u0002\u0003\u00e8";

  private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
  private final HttpServer server =
      new HttpServer(
          new Serving(
                  HttpLimits.DEFAULT,
                  this::take,
                  (exchange, outcome) -> outcomes.add(outcome),
                  Forwarding.NONE,
                  BodyMode.COLLECT)
              .with(
                  new WebSocketLimits(
                      1000,
                      1000,
                      QUEUED,
                      Duration.ofSeconds(1),
                      Duration.ofSeconds(1),
                      Duration.ofSeconds(10),
                      true)),
          1);

  SocketEndTest() {
    server.bind(new BindAddress.Tcp("127.0.0.1", 0));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private boolean take(Exchange exchange) {
    WebSocket socket = exchange.webSocket();
    if (socket == null) {
      exchange.respond(Served.head(200), Served.bytes("no socket"));
      return true;
    }
    socket.accept(
        null,
        Served.head(200),
        new WebSocket.Listener() {
          @Override
          public void message(boolean text, ByteBuffer payload) {
            events.add(StandardCharsets.UTF_8.decode(payload).toString());
          }

          @Override
          public void closed(int code, String reason) {
            events.add("closed " + code + " " + reason);
          }
        });
    socket.pause();
    sockets.add(socket);
    return true;
  }

  private String event() throws InterruptedException {
    return String.valueOf(events.poll(20, TimeUnit.SECONDS));
  }

  private void expectMessages(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      assertThat(event()).isEqualTo("message " + i);
    }
  }

  private boolean isComplete() throws InterruptedException {
    Outcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
    assertThat(outcome).as("a request that has ended").isNotNull();
    return outcome.complete();
  }

  private FrameClient connect() throws IOException {
    return FrameClient.open(URI.create(server.urls().getFirst()).getPort());
  }

  private WebSocket open(FrameClient client) throws Exception {
    client.headers(1, false, WebSocketTest.asking("/"));
    client.decode(client.awaitType(Frame.HEADERS));
    return sockets.take();
  }

  /** Sends messages and perhaps a goodbye, and perhaps ends the stream with the last of them. */
  private static void send(FrameClient client, boolean goodbye, boolean ends) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < COUNT; i++) {
      out.writeBytes(WebSocketTest.ws(0x81, ("message " + i).getBytes(StandardCharsets.US_ASCII)));
    }
    if (goodbye) {
      out.writeBytes(BYE);
    }
    byte[] all = out.toByteArray();
    for (int at = 0; at < all.length; at += 10_000) {
      int end = Math.min(all.length, at + 10_000);
      client.data(1, ends && end == all.length, Arrays.copyOfRange(all, at, end));
    }
    awaitPing(client);
  }

  /** What was sent before has been seen. */
  private static void awaitPing(FrameClient client) throws IOException {
    client.frame(Frame.PING, 0, 0, new byte[8]);
    client.awaitType(Frame.PING);
  }

  private static String answer(FrameClient client) throws IOException {
    StringBuilder all = new StringBuilder();
    boolean ended = false;
    while (!ended) {
      Frame frame = client.await(f -> f.type() == Frame.DATA && f.stream() == 1);
      all.append(new String(frame.payload(), StandardCharsets.ISO_8859_1));
      ended = frame.has(Frame.END_STREAM);
    }
    return all.toString();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everythingIsDelivered(boolean goodbye) throws Exception {
    try (FrameClient client = connect()) {
      WebSocket socket = open(client);
      send(client, goodbye, true);
      assertThat(socket.isOpen()).isTrue();
      assertThat(events).isEmpty();
      socket.resume();
      expectMessages(COUNT);
      assertThat(event()).isEqualTo(goodbye ? "closed 1000 x" : "closed 1006 ");
      assertThat(answer(client)).isEqualTo(goodbye ? ANSWER : "");
      assertThat(isComplete()).isEqualTo(goodbye);
      client.get(3, "/");
      assertThat(client.answer(3).status()).isEqualTo(200);
    }
  }

  /** The client's side of the connection ends, and with it that of its streams. */
  @Test
  void theConnectionsInputEnds() throws Exception {
    try (FrameClient client = connect()) {
      WebSocket socket = open(client);
      send(client, true, false);
      client.endSending();
      Thread.sleep(200);
      assertThat(socket.isOpen()).isTrue();
      socket.resume();
      expectMessages(COUNT);
      assertThat(event()).isEqualTo("closed 1000 x");
      assertThat(answer(client)).isEqualTo(ANSWER);
      assertThat(isComplete()).isTrue();
      assertThat(client.awaitType(Frame.GOAWAY).goAwayCode()).isZero();
    }
  }

  /** A reset is the end at once, unless the client had said everything. */
  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void aResetStream(boolean ended, boolean connection) throws Exception {
    try (FrameClient client = connect()) {
      WebSocket socket = open(client);
      send(client, true, ended);
      if (connection) {
        client.resetConnection();
      } else {
        client.reset(1);
      }
      assertThat(isComplete()).isFalse();
      assertThat(socket.isOpen()).isFalse();
      assertThat(events).isEmpty();
      socket.resume();
      expectMessages(ended ? COUNT : QUEUED);
      assertThat(event()).isEqualTo(ended ? "closed 1000 x" : "closed 1006 ");
      assertThat(server.requestsInFlight()).isZero();
      assertThat(server.drain(Duration.ofSeconds(5))).isZero();
    }
  }

  @Test
  void aListenerThatTakesNothingIsNotWaitedFor() throws Exception {
    try (FrameClient client = connect()) {
      WebSocket socket = open(client);
      send(client, true, true);
      assertThat(answer(client)).isEmpty();
      assertThat(isComplete()).isFalse();
      socket.resume();
      expectMessages(QUEUED);
      assertThat(event()).isEqualTo("closed 1006 ");
    }
  }

  @Test
  void whatIsLeftOverIsNotKeptForEver() throws Exception {
    try (FrameClient client = connect()) {
      WebSocket socket = open(client);
      send(client, true, true);
      client.reset(1);
      assertThat(isComplete()).isFalse();
      Thread.sleep(5000);
      socket.resume();
      expectMessages(QUEUED);
      assertThat(event()).isEqualTo("closed 1006 ");
    }
  }

  @Test
  void theServerStopsMeanwhile() throws Exception {
    try (FrameClient client = connect()) {
      open(client);
      send(client, true, true);
      server.close();
      assertThat(isComplete()).isFalse();
    }
  }

  @Test
  void theServerEndsMeanwhile() throws Exception {
    try (FrameClient client = connect()) {
      open(client);
      send(client, true, true);
      Thread draining =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  server.drain(Duration.ofSeconds(15));
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      assertThat(answer(client)).startsWith("\u0088").contains("\u0003\u00e9");
      assertThat(event()).isEqualTo("closed 1000 x");
      assertThat(events).isEmpty();
      client.close();
      assertThat(draining.join(Duration.ofSeconds(10))).isTrue();
    }
  }
}
