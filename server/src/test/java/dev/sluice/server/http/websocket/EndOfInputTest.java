package dev.sluice.server.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.WebSocket;
import dev.sluice.server.http.h2.NoLeaks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that end their side while the listener has yet to get what they have said. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class EndOfInputTest {
  private static final int FIN = 0x80;
  private static final byte[] BYE = {3, (byte) 0xe8, 'b', 'y', 'e'};

  /** Numbered messages, each at least so long. */
  private static ByteArrayOutputStream messages(int count, int size) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      out.writeBytes(WsClient.bytes(FIN | 1, text(i, size).getBytes(StandardCharsets.UTF_8)));
    }
    return out;
  }

  private static String text(int number, int size) {
    return number + " " + "x".repeat(size);
  }

  /** The same, and a close frame. */
  private static byte[] withGoodbye(int count, int size) {
    ByteArrayOutputStream out = messages(count, size);
    out.writeBytes(WsClient.bytes(FIN | 8, BYE));
    return out.toByteArray();
  }

  private static void expectMessages(WsServer server, int count, int size)
      throws InterruptedException {
    for (int i = 0; i < count; i++) {
      assertThat(server.event()).isEqualTo("text " + text(i, size));
    }
  }

  private static WebSocket paused(WsServer server) throws InterruptedException {
    WebSocket socket = server.socket();
    WsServer.pause(socket);
    return socket;
  }

  /** Sends bytes and the end at once, and gives the server time to see both. */
  private static void sendAndEnd(WsClient client, byte[] bytes) throws Exception {
    client.raw(bytes);
    client.socket().shutdownOutput();
    Thread.sleep(200);
  }

  private static void reset(WsClient client) throws Exception {
    client.socket().setSoLinger(true, 0);
    client.close();
    Thread.sleep(200);
  }

  /** Few bytes are read at once; many wait in the system, and the end behind them. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1500})
  void everythingIsDeliveredAndTheGoodbyeAnswered(int size) throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = paused(server);
      byte[] all = withGoodbye(2000, size);
      CompletableFuture<Void> sent =
          CompletableFuture.runAsync(() -> {
            try {
              sendAndEnd(client, all);
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      Thread.sleep(300);
      assertThat(server.events).isEmpty();
      assertThat(socket.isOpen()).isTrue();
      socket.resume();
      expectMessages(server, 2000, size);
      assertThat(server.event()).isEqualTo("closed 1000 bye");
      assertThat(sent).succeedsWithin(Duration.ofSeconds(10));
      assertThat(client.expect().closing()).isEqualTo("1000");
      assertThat(client.end()).isEmpty();
      assertThat(server.outcome().complete()).isTrue();
    }
  }

  /** A listener that takes one message at a time answers each, though no goodbye will follow. */
  @Test
  void answersStillReachTheClient() throws Exception {
    try (WsServer server =
            new WsServer(
                WsServer.limits(1000, 4, 20, 10),
                (exchange, its) -> {
                  WebSocket socket = exchange.webSocket();
                  if (socket != null) {
                    socket.accept(null, WsServer.nothing(), oneAtATime(socket, its));
                  }
                });
        WsClient client = WsClient.open(server.port(), "/")) {
      sendAndEnd(client, messages(300, 0).toByteArray());
      for (int i = 0; i < 300; i++) {
        assertThat(client.expect().text()).isEqualTo(text(i, 0));
      }
      assertThat(client.end()).isEmpty();
      assertThat(server.event()).isEqualTo("closed 1006");
      assertThat(server.outcome().complete()).isFalse();
    }
  }

  private static WebSocket.Listener oneAtATime(WebSocket socket, WsServer server) {
    WebSocket.Listener echo = server.echoing(socket);
    return new WebSocket.Listener() {
      @Override
      public void message(boolean text, ByteBuffer payload) {
        socket.pause();
        echo.message(text, payload);
        Thread.ofVirtual().start(socket::resume);
      }

      @Override
      public void closed(int code, String reason) {
        echo.closed(code, reason);
      }
    };
  }

  /** In the middle of a head, of a payload, and of a message of several frames. */
  @ParameterizedTest
  @ValueSource(strings = {"head", "payload", "message"})
  void anEndInTheMiddleIsNoGoodbye(String where) throws Exception {
    byte[] frame = WsClient.bytes("message".equals(where) ? 1 : FIN | 1, new byte[100]);
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = paused(server);
      ByteArrayOutputStream all = messages(20, 0);
      int length = "head".equals(where) ? 3 : "payload".equals(where) ? 50 : frame.length;
      all.write(frame, 0, length);
      sendAndEnd(client, all.toByteArray());
      assertThat(socket.isOpen()).isTrue();
      socket.resume();
      expectMessages(server, 20, 0);
      assertThat(server.event()).isEqualTo("closed 1006");
      assertThat(client.end()).isEmpty();
      assertThat(server.outcome().complete()).isFalse();
    }
  }

  /** Only what was queued is delivered of a connection that is reset. */
  @Test
  void aResetIsTheEndAtOnce() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = paused(server);
      client.raw(withGoodbye(300, 0));
      Thread.sleep(200);
      reset(client);
      assertThat(socket.isOpen()).isFalse();
      assertThat(server.outcome().complete()).isFalse();
      assertThat(server.events).isEmpty();
      socket.resume();
      expectMessages(server, 4, 0);
      assertThat(server.event()).isEqualTo("closed 1006");
    }
  }

  /** It had said everything. */
  @Test
  void aResetBehindTheEndTakesNothingAway() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = paused(server);
      sendAndEnd(client, withGoodbye(300, 0));
      assertThat(socket.isOpen()).isTrue();
      reset(client);
      assertThat(socket.isOpen()).isFalse();
      assertThat(server.outcome().complete()).isFalse();
      socket.send(true, WsServer.bytes("nobody hears it"));
      assertThat(server.events).isEmpty();
      socket.resume();
      expectMessages(server, 300, 0);
      assertThat(server.event()).isEqualTo("closed 1000 bye");
      assertThat(server.events).isEmpty();
    }
  }

  /** A listener that wants nothing more is told at once, and the memory freed. */
  @ParameterizedTest
  @ValueSource(strings = {"close", "abort", "drain", "stop"})
  void whatIsLeftOverIsGivenUp(String how) throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10)) {
      WsClient client = WsClient.open(server.port(), "/");
      WebSocket socket = paused(server);
      sendAndEnd(client, withGoodbye(300, 0));
      reset(client);
      assertThat(server.events).isEmpty();
      switch (how) {
        case "close" -> socket.close(1000, "");
        case "abort" -> socket.abort();
        case "drain" -> assertThat(server.server().drain(Duration.ofSeconds(5))).isZero();
        default -> server.close();
      }
      assertThat(server.event()).isEqualTo("closed 1000 bye");
      assertThat(server.events).isEmpty();
      assertThat(server.outcome().complete()).isFalse();
    }
  }

  /** Nothing is held for ever, neither what was read nor what waits in the system. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1500})
  void aListenerThatTakesNothingIsNotWaitedFor(int size) throws Exception {
    try (WsServer server = WsServer.recording(4, 1, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = paused(server);
      sendAndEnd(client, withGoodbye(30, size));
      assertThat(endBehindPings(client)).isEmpty();
      assertThat(server.outcome().complete()).isFalse();
      assertThat(socket.isOpen()).isFalse();
      socket.resume();
      expectMessages(server, 4, size);
      assertThat(server.event()).isEqualTo("closed 1006");
    }
  }

  private static String endBehindPings(WsClient client) throws IOException {
    String frame = client.end();
    while (frame.equals("89 ")) {
      frame = client.end();
    }
    return frame;
  }

  @Test
  void whatIsLeftOverIsNotKeptForEver() throws Exception {
    try (WsServer server = WsServer.recording(4, 1, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = paused(server);
      sendAndEnd(client, withGoodbye(300, 0));
      reset(client);
      Thread.sleep(5000);
      assertThat(server.events).isEmpty();
      socket.resume();
      expectMessages(server, 4, 0);
      assertThat(server.event()).isEqualTo("closed 1006");
    }
  }

  /** But one that takes something now and then is, however long it takes. */
  @Test
  void aSlowListenerGetsEverything() throws Exception {
    try (WsServer server =
            new WsServer(
                WsServer.limits(1000, 1, 1, 10),
                (exchange, its) -> {
                  WebSocket socket = exchange.webSocket();
                  if (socket != null) {
                    socket.accept(null, WsServer.nothing(), slow(socket, its));
                  }
                });
        WsClient client = WsClient.open(server.port(), "/")) {
      sendAndEnd(client, withGoodbye(8, 0));
      expectMessages(server, 8, 0);
      assertThat(server.event()).isEqualTo("closed 1000 bye");
      assertThat(client.expect().closing()).isEqualTo("1000");
      assertThat(client.end()).isEmpty();
      Thread.sleep(800); // the last resume() comes when all is over
    }
  }

  private static WebSocket.Listener slow(WebSocket socket, WsServer server) {
    WebSocket.Listener recording = server.recording();
    return new WebSocket.Listener() {
      @Override
      public void message(boolean text, ByteBuffer payload) {
        recording.message(text, payload);
        socket.pause();
        CompletableFuture.delayedExecutor(800, TimeUnit.MILLISECONDS).execute(socket::resume);
      }

      @Override
      public void closed(int code, String reason) {
        recording.closed(code, reason);
      }
    };
  }

  /** The server says that it ends; nobody waits for a client that cannot answer. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theServerEndsMeanwhile(boolean goodbye) throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      paused(server);
      sendAndEnd(client, goodbye ? withGoodbye(300, 0) : messages(300, 0).toByteArray());
      assertThat(server.server().drain(Duration.ofSeconds(5))).isZero();
      assertThat(client.expect().closing()).startsWith("1001 ");
      assertThat(client.end()).isEmpty();
      assertThat(server.event()).isEqualTo(goodbye ? "closed 1000 bye" : "closed 1006");
      assertThat(server.events).isEmpty();
    }
  }

  /** It does not keep anything for a listener that will not ask again. */
  @Test
  void theServerStopsMeanwhile() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      paused(server);
      sendAndEnd(client, withGoodbye(300, 0));
      server.close();
      assertThat(client.end()).isEmpty();
      assertThat(server.outcome().complete()).isFalse();
    }
  }

  /** Messages that were compressed need the memory of those before them. */
  @Test
  void compressedMessages() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client =
            WsClient.open(server.port(), "/", "Sec-WebSocket-Extensions: permessage-deflate")) {
      WebSocket socket = paused(server);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      Deflater deflater = new Deflater(9, true);
      byte[] room = new byte[1000];
      for (int i = 0; i < 100; i++) {
        deflater.setInput(text(i, 200).getBytes(StandardCharsets.UTF_8));
        int size = deflater.deflate(room, 0, room.length, Deflater.SYNC_FLUSH) - 4;
        byte[] payload = Arrays.copyOf(room, size);
        all.writeBytes(WsClient.bytes(FIN | WsClient.RSV1 | 1, payload));
      }
      deflater.end();
      all.writeBytes(WsClient.bytes(FIN | 8, BYE));
      sendAndEnd(client, all.toByteArray());
      reset(client);
      socket.resume();
      expectMessages(server, 100, 200);
      assertThat(server.event()).isEqualTo("closed 1000 bye");
    }
  }

  /** Ended in every way; each is told of it once. */
  @Test
  void manyClients() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10)) {
      List<WebSocket> sockets = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        WsClient client = WsClient.open(server.port(), "/");
        WebSocket socket = paused(server);
        sockets.add(socket);
        client.raw(withGoodbye(20, i * 20));
        if (i % 4 != 0) {
          client.socket().shutdownOutput();
        }
        if (i % 4 == 1) {
          client.socket().setSoLinger(true, 0);
        }
        client.close();
        if (i % 2 == 0) {
          socket.resume();
        }
      }
      sockets.forEach(WebSocket::resume);
      for (int i = 0; i < 100; i++) {
        server.outcome();
      }
      int told = 0;
      while (told < 100) {
        String event = server.event();
        assertThat(event).startsWith(event.startsWith("text ") ? "text " : "closed 100");
        told += event.startsWith("closed") ? 1 : 0;
      }
      assertThat(server.events).isEmpty();
    }
  }
}
