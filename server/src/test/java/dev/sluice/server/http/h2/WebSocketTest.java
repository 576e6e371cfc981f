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
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** WebSockets on streams of HTTP/2 (RFC 8441). */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class WebSocketTest {
  private final BlockingQueue<Exchange> asked = new LinkedBlockingQueue<>();
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
              .with(WebSocketLimits.DEFAULT),
          1);

  WebSocketTest() {
    server.bind(new BindAddress.Tcp("127.0.0.1", 0));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private boolean take(Exchange exchange) {
    WebSocket socket = exchange.webSocket();
    if (exchange.request().target().equals("/later")) {
      asked.add(exchange);
    } else if (socket == null || exchange.request().target().equals("/no")) {
      exchange.respond(Served.head(socket == null ? 200 : 403), Served.bytes("no socket"));
    } else {
      socket.accept(null, Served.head(200, "x-extra", "1"), listener(socket));
      sockets.add(socket);
    }
    return true;
  }

  private void accept(Exchange exchange) {
    WebSocket socket = exchange.webSocket();
    if (socket == null) {
      throw new AssertionError("no handshake");
    }
    socket.accept(null, Served.head(200), listener(socket));
  }

  private WebSocket.Listener listener(WebSocket socket) {
    return new WebSocket.Listener() {
      @Override
      public void message(boolean text, ByteBuffer payload) {
        socket.send(text, payload);
      }

      @Override
      public void closed(int code, String reason) {
        events.add("closed " + code);
      }
    };
  }

  private FrameClient connect(int... settings) throws Exception {
    return FrameClient.open(URI.create(server.urls().getFirst()).getPort(), settings);
  }

  static String[] asking(String path, String... more) {
    String[] fields = FrameClient.request("CONNECT", path, ":protocol", "websocket");
    String[] all = Arrays.copyOf(fields, fields.length + 2 + more.length);
    all[fields.length] = "sec-websocket-version";
    all[fields.length + 1] = "13";
    System.arraycopy(more, 0, all, fields.length + 2, more.length);
    return all;
  }

  /** A masked frame. */
  static byte[] ws(int first, byte[] payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(first);
    if (payload.length < 126) {
      out.write(0x80 | payload.length);
    } else {
      out.write(0x80 | 127);
      out.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
    }
    out.writeBytes(new byte[] {1, 2, 3, 4});
    for (int i = 0; i < payload.length; i++) {
      out.write(payload[i] ^ (i % 4 + 1));
    }
    return out.toByteArray();
  }

  private static byte[] text(String text) {
    return ws(0x81, text.getBytes(StandardCharsets.UTF_8));
  }

  private List<Map.Entry<String, String>> open(FrameClient client, int stream, String... more)
      throws Exception {
    client.headers(stream, false, asking("/", more));
    return client.decode(client.awaitType(Frame.HEADERS));
  }

  private static String data(FrameClient client, int stream) throws Exception {
    Frame frame = client.await(f -> f.type() == Frame.DATA && f.stream() == stream);
    return new String(frame.payload(), StandardCharsets.ISO_8859_1);
  }

  /** The same, of frames that may share one of HTTP/2, or not; whether the stream has ended. */
  private static boolean expect(FrameClient client, int stream, String expected) throws Exception {
    StringBuilder all = new StringBuilder();
    boolean ended = false;
    while (all.length() < expected.length()) {
      Frame frame = client.await(f -> f.type() == Frame.DATA && f.stream() == stream);
      all.append(new String(frame.payload(), StandardCharsets.ISO_8859_1));
      ended = frame.has(Frame.END_STREAM);
    }
    assertThat(all).hasToString(expected);
    return ended;
  }

  private Outcome outcome() throws InterruptedException {
    Outcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
    assertThat(outcome).as("a request that has ended").isNotNull();
    return outcome;
  }

  private String event() throws InterruptedException {
    return String.valueOf(events.poll(20, TimeUnit.SECONDS));
  }

  @Test
  void theServerSaysThatItCan() throws Exception {
    try (FrameClient client = new FrameClient(URI.create(server.urls().getFirst()).getPort())) {
      client.raw(FrameClient.PREFACE).settings();
      assertThat(
              new String(client.awaitType(Frame.SETTINGS).payload(), StandardCharsets.ISO_8859_1))
          .contains("\u0000\u0008\u0000\u0000\u0000\u0001");
    }
  }

  @Test
  void socketsAndRequestsShareAConnection() throws Exception {
    try (FrameClient client = connect()) {
      List<Map.Entry<String, String>> head =
          open(client, 1, "sec-websocket-protocol", "chat", "x", "y");
      assertThat(head)
          .contains(Map.entry(":status", "200"), Map.entry("x-extra", "1"))
          .noneMatch(field -> field.getKey().matches("upgrade|connection|.*accept|content-length"));
      open(client, 3);
      client.data(1, false, text("one")).data(3, false, text("three"));
      expect(client, 1, "\u0081\u0003one");
      expect(client, 3, "\u0081\u0005three");
      client.get(5, "/");
      assertThat(client.answer(5).text()).isEqualTo("no socket");
      assertThat(outcome().status()).isEqualTo(200);
      // Cut anywhere, with a ping between.
      byte[] frame = text("cut");
      client.data(1, false, Arrays.copyOf(frame, 1));
      client.data(1, false, Arrays.copyOfRange(frame, 1, 7));
      client.data(1, false, Arrays.copyOfRange(frame, 7, frame.length));
      client.data(1, false, ws(0x89, new byte[] {'p'}));
      expect(client, 1, "\u0081\u0003cut\u008a\u0001p");
      client.data(1, false, ws(0x88, new byte[] {3, (byte) 0xe8}));
      assertThat(
              expect(client, 1, "\u0088\u0002\u0003\u00e8")
                  || client.await(f -> f.stream() == 1).has(Frame.END_STREAM))
          .isTrue();
      assertThat(event()).isEqualTo("closed 1000");
      Outcome outcome = outcome();
      assertThat(outcome.status()).isEqualTo(200);
      assertThat(outcome.complete()).isTrue();
      assertThat(outcome.bytes()).isEqualTo(6);
      client.data(3, false, text("still here"));
      expect(client, 3, "\u0081\nstill here");
    }
    assertThat(event()).isEqualTo("closed 1006");
    assertThat(outcome().complete()).isFalse();
    assertThat(server.requestsInFlight()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "sec-websocket-version, 8, 426",
    "x, y, 400",
    "sec-websocket-protocol, a b, 400",
    "sec-websocket-extensions, ;, 400"
  })
  void aBadHandshakeIsRefused(String name, String value, int status) throws Exception {
    try (FrameClient client = connect()) {
      String version = name.endsWith("l") || name.endsWith("s") ? "sec-websocket-version" : "z";
      client.headers(
          1,
          false,
          FrameClient.request(
              "CONNECT", "/", ":protocol", "websocket", name, value, version, "13"));
      FrameClient.Answer answer = client.answer(1);
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.header("sec-websocket-version")).isEqualTo(status == 426 ? "13" : null);
    }
    assertThat(outcome().status()).isEqualTo(status);
  }

  @Test
  void otherProtocolsAreNotImplemented() throws Exception {
    try (FrameClient client = connect()) {
      client.headers(1, false, FrameClient.request("CONNECT", "/", ":protocol", "webtransport"));
      assertThat(client.answer(1).status()).isEqualTo(501);
    }
  }

  @Test
  void aSocketIsDenied() throws Exception {
    try (FrameClient client = connect()) {
      client.headers(1, false, asking("/no"));
      FrameClient.Answer answer = client.answer(1);
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.text()).isEqualTo("no socket");
      client.get(3, "/");
      assertThat(client.answer(3).status()).isEqualTo(200);
    }
  }

  @Test
  void whatComesTooSoonWaits() throws Exception {
    try (FrameClient client = connect()) {
      client.headers(1, false, asking("/later"));
      client.data(1, false, text("soon")).data(1, false, text("very soon"));
      Exchange exchange = asked.poll(20, TimeUnit.SECONDS);
      assertThat(exchange).isNotNull();
      Thread.sleep(50);
      accept(exchange);
      expect(client, 1, "\u0081\u0004soon\u0081\tvery soon");
    }
    assertThat(event()).isEqualTo("closed 1006");
  }

  @Test
  void aDeniedSocketsDataAreForgotten() throws Exception {
    try (FrameClient client = connect()) {
      client.headers(1, false, asking("/later"));
      client.data(1, false, text("soon"));
      Exchange exchange = asked.poll(20, TimeUnit.SECONDS);
      assertThat(exchange).isNotNull();
      Thread.sleep(50);
      exchange.respond(Served.head(404), Served.bytes("none"));
      assertThat(client.answer(1).status()).isEqualTo(404);
    }
    assertThat(outcome().status()).isEqualTo(404);
  }

  @Test
  void aClientThatIsGoneBeforeItIsAccepted() throws Exception {
    try (FrameClient client = connect()) {
      client.headers(1, false, asking("/later"));
      Exchange exchange = asked.poll(20, TimeUnit.SECONDS);
      assertThat(exchange).isNotNull();
      client.reset(1);
      assertThat(outcome().complete()).isFalse();
      accept(exchange);
      assertThat(event()).isEqualTo("closed 1006");
      // Nothing of it is left: the connection goes on, and ends when it is idle.
      client.get(3, "/");
      assertThat(client.answer(3).status()).isEqualTo(200);
      assertThat(server.drain(Duration.ofSeconds(5))).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void theClientEndsTheStream(boolean reset) throws Exception {
    try (FrameClient client = connect()) {
      open(client, 1);
      if (reset) {
        client.reset(1);
      } else {
        client.data(1, true);
        assertThat(client.await(f -> f.stream() == 1).has(Frame.END_STREAM)).isTrue();
      }
      assertThat(event()).isEqualTo("closed 1006");
      assertThat(outcome().complete()).isFalse();
    }
  }

  @Test
  void aBrokenFrameEndsTheSocketOnly() throws Exception {
    try (FrameClient client = connect()) {
      open(client, 1);
      client.data(1, false, (byte) 0x83, (byte) 0x80, (byte) 0, (byte) 0, (byte) 0, (byte) 0);
      assertThat(data(client, 1)).startsWith("\u0088").contains("\u0003\u00ea");
      assertThat(event()).isEqualTo("closed 1002");
      client.get(3, "/");
      assertThat(client.answer(3).status()).isEqualTo(200);
    }
  }

  @Test
  void theServerBreaksTheStreamOff() throws Exception {
    try (FrameClient client = connect()) {
      open(client, 1);
      sockets.take().abort();
      assertThat(client.awaitType(Frame.RST_STREAM).resetCode()).isEqualTo(8);
      assertThat(event()).isEqualTo("closed 1006");
    }
  }

  @Test
  void theServerEnds() throws Exception {
    try (FrameClient client = connect()) {
      open(client, 1);
      Thread draining =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  server.drain(Duration.ofSeconds(15));
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      assertThat(data(client, 1)).startsWith("\u0088").contains("\u0003\u00e9");
      client.data(1, false, ws(0x88, new byte[] {3, (byte) 0xe9}));
      assertThat(event()).isEqualTo("closed 1001");
      draining.join(Duration.ofSeconds(10));
      assertThat(draining.isAlive()).isFalse();
      assertThat(outcome().complete()).isTrue();
    }
  }

  /** Windows, both ways: what the client does not take, and what the listener does not. */
  @Test
  void windowsHoldBack() throws Exception {
    try (FrameClient client = connect(4, 1000)) {
      open(client, 1);
      WebSocket socket = sockets.take();
      socket.send(false, ByteBuffer.allocate(300_000));
      assertThat(data(client, 1)).hasSize(1000);
      CountDownLatch writable = new CountDownLatch(1);
      socket.whenWritable(writable::countDown);
      assertThat(writable.await(100, TimeUnit.MILLISECONDS)).isFalse();
      assertThat(socket.isCongested()).isTrue();
      client.windowUpdate(1, 400_000).windowUpdate(0, 400_000);
      int rest = 300_010 - 1000;
      while (rest > 0) {
        rest -= data(client, 1).length();
      }
      assertThat(writable.await(10, TimeUnit.SECONDS)).isTrue();

      socket.pause();
      byte[] large = ws(0x82, new byte[200_000]);
      int sent = 0;
      for (int i = 0; i < 2; i++) {
        for (int at = 0; at < large.length && sent < 256 * 1024; at += 16_000) {
          int size = Math.min(16_000, Math.min(large.length - at, 256 * 1024 - sent));
          client.data(1, false, Arrays.copyOfRange(large, at, at + size));
          sent += size;
        }
      }
      Thread.sleep(100);
      assertThat(socket.isOpen()).isTrue();
      socket.resume();
      assertThat(client.await(f -> f.type() == Frame.WINDOW_UPDATE && f.stream() == 1)).isNotNull();
      assertThat(data(client, 1)).isNotEmpty();
    }
    assertThat(event()).isEqualTo("closed 1006");
  }
}
