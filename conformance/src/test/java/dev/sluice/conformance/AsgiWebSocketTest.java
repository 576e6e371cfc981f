package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.OtherwiseInUvicorn;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import dev.sluice.conformance.harness.WebSocketClient;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** WebSockets as ASGI tells them; the frames themselves are other suites' subject. */
class AsgiWebSocketTest {
  private static final int MUCH = 64 * 1024 * 1024;
  private static final String[] HANDSHAKE = {
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  };

  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.asgi("websocket_app:app").start();
  }

  @AfterAll
  static void stop() {
    server.ask("/alive").expectWhole("alive");
    assertThat(server.stopCleanly()).doesNotContain("\tat ", "Fatal Python error");
  }

  private static WebSocketClient open(String path, String... subprotocols) {
    return WebSocketClient.open(server, path, subprotocols);
  }

  private static WebSocketClient open(String path, Gate gate) {
    return open(path + "?gate=" + gate.port());
  }

  private static int logged() {
    return server.child().stderr().lines().size();
  }

  // Messages

  @Test
  void textAndBytesComeBack() {
    try (WebSocketClient socket = open("/echo")) {
      assertThat(socket.send("Zo\u00eb \u20ac \ud83d\ude00").next())
          .isEqualTo("text Zo\u00eb \u20ac \ud83d\ude00");
      assertThat(socket.send("").next()).isEqualTo("text ");
      assertThat(socket.send(new byte[] {0, (byte) 0xff, 'a'}).next()).isEqualTo("bytes 00ff61");
      assertThat(socket.send(new byte[1_000_000]).next()).isEqualTo("bytes 1000000");
      assertThat(socket.send("x".repeat(100_000)).next()).isEqualTo("text " + "x".repeat(100_000));
    }
  }

  @Test
  void manyMessagesKeepTheirOrder() {
    try (WebSocketClient socket = open("/echo")) {
      for (int n = 0; n < 1000; n++) {
        socket.send("message " + n);
      }
      for (int n = 0; n < 1000; n++) {
        assertThat(socket.next()).isEqualTo("text message " + n);
      }
    }
  }

  @Test
  void aPingIsAnsweredByTheServer() {
    try (WebSocketClient socket = open("/echo")) {
      assertThat(socket.ping("are you there?").next()).isEqualTo("pong are you there?");
      assertThat(socket.send("x").next()).isEqualTo("text x");
    }
  }

  @Test
  void oneTaskMaySendWhileAnotherReceives() {
    try (WebSocketClient socket = open("/both_ways")) {
      assertThat(socket.next()).isEqualTo("text tick");
      socket.send("enough");
      String last = socket.next();
      while (last.equals("text tick")) {
        last = socket.next();
      }
      assertThat(last).matches("text enough \\d+");
    }
  }

  // The handshake

  @Test
  void theScopeIsAWebSockets() {
    try (WebSocketClient socket =
        WebSocketClient.with(server, "/tells_scope?a=%20", "X-Mine", "yes")) {
      assertThat(socket.next().lines())
          .contains(
              "scheme\tstr\t'ws'",
              "http_version\tstr\t'1.1'",
              "path\tstr\t'/tells_scope'",
              "raw_path\tbytes\tb'/tells_scope'",
              "query_string\tbytes\tb'a=%20'",
              "root_path\tstr\t''",
              "subprotocols\tlist\t[]")
          .anyMatch(line -> line.endsWith("type\tstr\t'websocket'"))
          .anyMatch(line -> line.startsWith("headers") && line.contains("(b'x-mine', b'yes')"))
          .noneMatch(line -> line.startsWith("method\t"));
    }
  }

  @Test
  void aSubprotocolIsChosen() {
    try (WebSocketClient socket = open("/chooses", "chat.v1", "chat.v2")) {
      assertThat(socket.subprotocol()).isEqualTo("chat.v2");
      assertThat(socket.next()).isEqualTo("text chat.v1 chat.v2");
    }
    try (WebSocketClient socket = open("/chooses")) {
      assertThat(socket.subprotocol()).isEmpty();
      assertThat(socket.next()).isEqualTo("text ");
    }
  }

  @Test
  void headersOfTheAcceptAreSent() {
    try (Connection connection = server.connect()) {
      Response response = connection.request("GET /chooses HTTP/1.1", HANDSHAKE).read();
      assertThat(response.status()).isEqualTo(101);
      assertThat(response.header("Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      assertThat(response.header("X-Own")).isEqualTo("1");
      assertThat(response.header("Set-Cookie")).isEqualTo("a=1");
      assertThat(response.all("Sec-WebSocket-Extensions")).isEmpty();
    }
  }

  @Test
  void compressionIsAgreedOnIfTheClientOffersIt() {
    try (Connection connection = server.connect()) {
      String[] head = Arrays.copyOf(HANDSHAKE, 5);
      head[4] = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
      Response response = connection.request("GET /echo HTTP/1.1", head).read();
      assertThat(response.status()).isEqualTo(101);
      assertThat(response.header("Sec-WebSocket-Extensions")).startsWith("permessage-deflate");
    }
  }

  @Test
  void closingBeforeAcceptingIsA403() {
    assertThat(WebSocketClient.denied(server, "/denies")).isEqualTo(403);
  }

  @Test
  void aDenialMayBeAnyAnswer() {
    try (Connection connection = server.connect()) {
      Response response = connection.request("GET /denies_in_words HTTP/1.1", HANDSHAKE).read();
      assertThat(response.status()).isEqualTo(401);
      assertThat(response.header("X-Why")).isEqualTo("because");
      assertThat(response.text()).isEqualTo("who are you?");
      assertThat(response.complete()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"/raises_before, ValueError: before accept", "/returns_before, without"})
  void neitherAcceptingNorDenyingIsA500(String path, String text) {
    int before = logged();
    assertThat(WebSocketClient.denied(server, path)).isEqualTo(500);
    server.child().stderr().awaitAfter(before, line -> line.contains(text));
  }

  @Test
  void withoutTheUpgradeItIsARequest() {
    server.ask("/http").expectWhole("http");
  }

  // The end

  @ParameterizedTest
  @CsvSource({"4001, no more", "1000, ''", "1001, going", "3000, \u20ac"})
  void theApplicationsCodeAndReasonReachTheClient(int code, String reason) {
    String escaped = URLEncoder.encode(reason, StandardCharsets.UTF_8);
    try (WebSocketClient socket = open("/closes?code=" + code + "&reason=" + escaped)) {
      assertThat(socket.next()).isEqualTo(("close " + code + " " + reason).strip());
    }
  }

  @Test
  void withoutACodeItIs1000() {
    try (Gate gate = new Gate();
        WebSocketClient socket = open("/closes", gate)) {
      assertThat(socket.next()).isEqualTo("close 1000");
      assertThat(gate.heard()).isEqualTo("websocket.disconnect");
    }
  }

  @ParameterizedTest
  @CsvSource({"1000, bye", "4321, \u20ac", "1000, ''"})
  void theClientsCodeAndReasonReachTheApplication(int code, String reason) {
    try (Gate gate = new Gate();
        WebSocketClient socket = open("/events", gate)) {
      assertThat(socket.next()).isEqualTo("text {'type': 'websocket.connect'}");
      assertThat(socket.send("a").next())
          .isEqualTo("text {'text': 'a', 'type': 'websocket.receive'}");
      assertThat(socket.send(new byte[] {'b'}).next())
          .isEqualTo("text {'bytes': b'b', 'type': 'websocket.receive'}");
      socket.close(code, reason);
      assertThat(gate.heard()).isEqualTo("websocket.disconnect " + code + " " + reason);
    }
  }

  /** Its messages and its goodbye come at once, and its end with them. */
  @Test
  void whatAClientSaidBeforeItsEndIsReceived() {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.request("GET /counts_slowly?gate=" + gate.port() + " HTTP/1.1", HANDSHAKE);
      assertThat(connection.read().status()).isEqualTo(101);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int n = 0; n < 2000; n++) {
        all.writeBytes(
            masked(0x81, "message %06d".formatted(n).getBytes(StandardCharsets.US_ASCII)));
      }
      all.writeBytes(masked(0x88, new byte[] {3, (byte) 0xe8, 'b', 'y', 'e'}));
      connection.send(all.toByteArray()).halfClose();
      assertThat(gate.heard()).isEqualTo("2000, then 1000 bye");
      byte[] answer = new byte[4];
      assertThat(connection.skim(answer)).isEqualTo(4);
      assertThat(answer).containsExactly(0x88, 2, 3, 0xe8);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  /** A frame whose mask is zeros. */
  private static byte[] masked(int first, byte[] payload) {
    byte[] frame = new byte[6 + payload.length];
    frame[0] = (byte) first;
    frame[1] = (byte) (0x80 | payload.length);
    System.arraycopy(payload, 0, frame, 6, payload.length);
    return frame;
  }

  @Test
  @OtherwiseInUvicorn("says 1005")
  void aClientThatDoesNotSayGoodbyeHas1006() {
    try (Gate gate = new Gate();
        WebSocketClient socket = open("/events", gate)) {
      assertThat(socket.next()).startsWith("text ");
      socket.abort();
      assertThat(gate.heard()).startsWith("websocket.disconnect 1006");
    }
  }

  @Test
  @OtherwiseInUvicorn("ends the connection without a frame")
  void anExceptionIs1011() {
    int before = logged();
    try (WebSocketClient socket = open("/raises_after")) {
      assertThat(socket.next()).startsWith("close 1011");
    }
    server.child().stderr().awaitAfter(before, line -> line.contains("ValueError: after accept"));
  }

  @Test
  @OtherwiseInUvicorn("ends the connection without a frame")
  void anApplicationThatReturnsClosesIt() {
    try (WebSocketClient socket = open("/returns_after")) {
      assertThat(socket.next()).isEqualTo("close 1000");
    }
  }

  /** By the specification: from 2.4 on an OSError, before that nothing. */
  @Test
  void whatIsSentBehindTheEnd() {
    try (Gate gate = new Gate();
        WebSocketClient socket = open("/gone", gate)) {
      assertThat(gate.heard()).isEqualTo("in");
      socket.abort();
      assertThat(gate.heard()).isIn("OSError", "nothing");
    }
  }

  @Test
  @OtherwiseInUvicorn("ends the connection")
  void wrongMessagesAreErrorsAtTheirSendAndHarmNothing() {
    try (WebSocketClient socket = open("/tries")) {
      assertThat(socket.next()).isEqualTo("text error error error error error error");
    }
  }

  // Backpressure

  @Test
  void aSlowReaderMakesSendWait() {
    try (Gate gate = new Gate()) {
      try (Connection connection = server.connect()) {
        connection.request("GET /held?gate=" + gate.port() + " HTTP/1.1", HANDSHAKE);
        assertThat(connection.read().status()).isEqualTo(101);
        assertThat(Integer.parseInt(gate.heard())).isLessThan(MUCH);
      }
      assertThat(gate.heard()).isEqualTo("let go");
    }
  }

  @Test
  void aClientIsHeldBackWhileTheApplicationDoesNotReceive() throws InterruptedException {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.request("GET /reads_late?gate=" + gate.port() + " HTTP/1.1", HANDSHAKE);
      assertThat(connection.read().status()).isEqualTo(101);
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
        connection.sendAside(MUCH, zeros());
        assertThat(sentWhenItStalls(connection)).isLessThan(MUCH);
      }
      assertThat(gate.heard()).isEqualTo(Integer.toString(MUCH / 131_072 * 131_058));
    }
  }

  /** A frame of 131,072 bytes: 14 of head, with a mask of zeros, and zeros. */
  private static byte[] zeros() {
    byte[] frame = new byte[131_072];
    frame[0] = (byte) 0x82;
    frame[1] = (byte) 0xff;
    frame[7] = 1;
    frame[8] = (byte) 0xff;
    frame[9] = (byte) 0xf2;
    return frame;
  }

  /** How many bytes have been sent aside when for a second no more are. */
  private static long sentWhenItStalls(Connection connection) throws InterruptedException {
    long sent;
    do {
      sent = connection.sentAside();
      Thread.sleep(1000);
    } while (connection.sentAside() > sent);
    return sent;
  }
}
