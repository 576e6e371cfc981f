package dev.sluice.server.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How a request of HTTP/1.1 becomes a WebSocket, or does not. */
@Timeout(60)
class HandshakeTest {
  private static final String GOOD = WsClient.handshake("/");

  static Stream<Arguments> requests() {
    return Stream.of(
        arguments("good", GOOD, 101),
        arguments("case", GOOD.replace("Upgrade: websocket", "UPGRADE: WebSocket"), 101),
        arguments("lists", GOOD.replace("Connection: Up", "Connection: keep-alive, Up"), 101),
        arguments("two lines", with("Connection: close", "Upgrade: h2c"), 101),
        arguments("no upgrade", GOOD.replace("Upgrade: websocket", "X: y"), 200),
        arguments("other protocol", GOOD.replace("Upgrade: websocket", "Upgrade: h2c"), 200),
        arguments("no connection", GOOD.replace("Connection: Upgrade", "X: y"), 200),
        arguments("post", GOOD.replace("GET", "POST").replace("Host", "A: b\r\nHost"), 200),
        arguments("HTTP/1.0", GOOD.replace("HTTP/1.1", "HTTP/1.0"), 200),
        arguments("version 8", GOOD.replace("Version: 13", "Version: 8"), 426),
        arguments("version 013", GOOD.replace("Version: 13", "Version: 013"), 426),
        arguments("no version", GOOD.replace("Sec-WebSocket-Version", "X"), 400),
        arguments("two versions", with("Sec-WebSocket-Version: 13"), 400),
        arguments("no key", GOOD.replace("Sec-WebSocket-Key", "X"), 400),
        arguments("two keys", with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), 400),
        arguments("short key", GOOD.replace("dGhlIHNhbXBsZSBub25jZQ==", "dGhl"), 400),
        arguments("long key", GOOD.replace("bXBsZSBub25jZQ==", "bXBsZSBub25jZGhl"), 400),
        arguments("no base64", GOOD.replace("dGhl", "d-hl"), 400),
        arguments("body", with("Content-Length: 1").concat("x"), 400),
        arguments("protocol é", with("Sec-WebSocket-Protocol: caf\u00e9"), 400),
        arguments("protocol ☃", with("Sec-WebSocket-Protocol: \u00e2\u0098\u0083"), 400),
        arguments("protocol a b", with("Sec-WebSocket-Protocol: a b"), 400),
        arguments("protocol a;b", with("Sec-WebSocket-Protocol: a;b"), 400),
        arguments("empty protocol", with("Sec-WebSocket-Protocol: "), 101),
        arguments("extension =", with("Sec-WebSocket-Extensions: a;=b"), 400),
        arguments("extension ;", with("Sec-WebSocket-Extensions: a;"), 400),
        arguments("extension \"", with("Sec-WebSocket-Extensions: a;b=\"c"), 400),
        arguments("extension \"\"", with("Sec-WebSocket-Extensions: a;b=\"\""), 400),
        arguments("extension é", with("Sec-WebSocket-Extensions: \u00e9"), 400),
        arguments("unknown extensions", with("Sec-WebSocket-Extensions: a ; b = \"c\", d"), 101));
  }

  private static String with(String... headers) {
    return WsClient.handshake("/", headers);
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("requests")
  void aRequestIsAnswered(String name, String request, int status) throws Exception {
    try (WsServer server = new WsServer(WsServer::echo);
        WsClient client = new WsClient(server.port())) {
      client.raw(request.getBytes(StandardCharsets.ISO_8859_1));
      String head = client.readHead();
      assertThat(head).startsWith("HTTP/1.1 " + status + " ");
      if (status == 101) {
        assertThat(head)
            .contains("Upgrade: websocket\r\n", "Connection: Upgrade\r\n", "Server: ", "Date: ")
            .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
            .doesNotContain("Content-Length", "Transfer-Encoding", "Connection: close");
        assertThat(client.text("hello").expect().text()).isEqualTo("hello");
      }
      if (status == 426) {
        assertThat(head).contains("Sec-WebSocket-Version: 13\r\n", "Upgrade: websocket\r\n");
      }
      client.socket().shutdownOutput();
      assertThat(server.outcome().status()).isEqualTo(status);
    }
  }

  /** Whoever does not ask whether it is a handshake sees a request like any other. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void withoutSocketsAHandshakeIsARequest(String name, String request, int status)
      throws Exception {
    try (WsServer server = new WsServer((exchange, its) -> WsServer.answer(exchange, 200, "fine"));
        WsClient client = new WsClient(server.port())) {
      client.raw(request.getBytes(StandardCharsets.ISO_8859_1));
      assertThat(client.readAnswer()).startsWith("HTTP/1.1 200 ").endsWith("fine");
    }
  }

  @Test
  void whereThereAreNoSocketsNobodyGetsOne() throws Exception {
    try (WsServer server = new WsServer(null, WsServer::echo);
        WsClient client = new WsClient(server.port())) {
      assertThat(client.shake("/").readAnswer()).startsWith("HTTP/1.1 200 ").endsWith("plain");
    }
  }

  @Test
  void subprotocolsAreOffered() throws Exception {
    try (WsServer server = new WsServer(WsServer::echo);
        WsClient client = new WsClient(server.port())) {
      client.shake("/", "Sec-WebSocket-Protocol: chat , a/b", "Sec-WebSocket-Protocol: x,,chat");
      assertThat(client.readHead()).startsWith("HTTP/1.1 400 "); // a/b is no token
    }
    try (WsServer server = new WsServer(WsServer::echo);
        WsClient client = new WsClient(server.port())) {
      client.shake("/", "Sec-WebSocket-Protocol: chat , a.b", "Sec-WebSocket-Protocol: x,,chat");
      assertThat(client.readHead()).contains("Sec-WebSocket-Protocol: chat\r\n");
      assertThat(server.socket().subprotocols()).isEqualTo(List.of("chat", "a.b", "x"));
    }
  }

  @Test
  void theHandlerAddsHeaders() throws Exception {
    ResponseHead extra = new ResponseHead();
    extra.reset(500, "Nobody looks at this");
    extra.header("X-One", "1");
    extra.header("Set-Cookie", "a=b");
    try (WsServer server =
            new WsServer((exchange, its) -> {
              WebSocket socket = exchange.webSocket();
              if (socket != null) {
                socket.accept(null, extra, its.recording());
              }
            });
        WsClient client = new WsClient(server.port())) {
      assertThat(client.shake("/", "Sec-WebSocket-Protocol: chat").readHead())
          .startsWith("HTTP/1.1 101 ")
          .contains("X-One: 1\r\n", "Set-Cookie: a=b\r\n")
          .doesNotContain("Sec-WebSocket-Protocol");
    }
  }

  @Test
  void aDeniedHandshakeLeavesTheConnection() throws Exception {
    try (WsServer server =
            new WsServer((exchange, its) -> {
              if (exchange.request().target().equals("/no")) {
                assertThat(exchange.webSocket()).isSameAs(exchange.webSocket()).isNotNull();
                WsServer.answer(exchange, 403, "denied");
              } else {
                WsServer.echo(exchange, its);
              }
            });
        WsClient client = new WsClient(server.port())) {
      for (int i = 0; i < 3; i++) {
        assertThat(client.shake("/no").readAnswer()).startsWith("HTTP/1.1 403").endsWith("denied");
        assertThat(server.outcome().status()).isEqualTo(403);
      }
      // Several at once, the last of them accepted, with a frame behind it.
      byte[] frame = WsClient.bytes(0x81, (byte) 'x');
      String requests =
          WsClient.handshake("/no")
              + "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"
              + WsClient.handshake("/no")
              + WsClient.handshake("/")
              + new String(frame, StandardCharsets.ISO_8859_1);
      client.raw(requests.getBytes(StandardCharsets.ISO_8859_1));
      assertThat(client.readAnswer()).endsWith("denied");
      assertThat(client.readAnswer()).endsWith("plain");
      assertThat(client.readAnswer()).endsWith("denied");
      assertThat(client.readHead()).startsWith("HTTP/1.1 101");
      assertThat(client.expect().text()).isEqualTo("x");
    }
  }

  /** What comes behind a handshake waits until it is known what it is, and not without end. */
  @Test
  void framesThatComeTooSoonWait() throws Exception {
    try (WsServer server =
            new WsServer((exchange, its) -> {
              WebSocket socket = exchange.webSocket();
              if (socket != null) {
                its.sockets.add(socket);
              }
            });
        WsClient client = new WsClient(server.port())) {
      client.shake("/").frame(0x81, (byte) 'a').frame(0x82, new byte[200_000]);
      WebSocket socket = server.socket();
      assertThat(socket.isOpen()).isFalse();
      assertThatThrownBy(() -> socket.send(true, WsServer.bytes("x")))
          .isInstanceOf(IllegalStateException.class);
      Thread.sleep(50);
      socket.accept(null, WsServer.nothing(), server.echoing(socket));
      assertThat(client.readHead()).startsWith("HTTP/1.1 101");
      assertThat(client.expect().text()).isEqualTo("a");
      assertThat(client.expect().payload()).isEqualTo(new byte[200_000]);
      assertThat(socket.isOpen()).isTrue();
      assertThatThrownBy(() -> socket.accept(null, WsServer.nothing(), server.recording()))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aSocketWhoseClientIsGoneIsToldSo() throws Exception {
    try (WsServer server =
        new WsServer((exchange, its) -> {
          WebSocket socket = exchange.webSocket();
          if (socket != null) {
            its.sockets.add(socket);
          }
        })) {
      WsClient client = new WsClient(server.port()).shake("/");
      WebSocket socket = server.socket();
      client.socket().setSoLinger(true, 0);
      client.close();
      Outcome outcome = server.outcome();
      assertThat(outcome.complete()).isFalse();
      socket.accept(null, WsServer.nothing(), server.recording());
      assertThat(server.event()).isEqualTo("closed 1006");
      socket.send(true, WsServer.bytes("into the void"));
      assertThat(server.events).isEmpty();
    }
  }
}
