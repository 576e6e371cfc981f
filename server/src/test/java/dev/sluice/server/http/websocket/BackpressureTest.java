package dev.sluice.server.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.WebSocket;
import dev.sluice.server.http.websocket.WsClient.Frame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners that pause, clients that do not read, and threads that send. */
@Timeout(60)
class BackpressureTest {
  private static final int FIN = 0x80;

  @Test
  void aPausedListenerGetsNothingAndThenEverythingInOrder() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = server.socket();
      client.text("first");
      assertThat(server.event()).isEqualTo("text first");
      WsServer.pause(socket);
      for (int i = 0; i < 3; i++) {
        client.text("message " + i);
      }
      // With room for one more, pings are still answered.
      assertThat(client.frame(FIN | 9).expect().opcode()).isEqualTo(10);
      assertThat(server.events).isEmpty();
      for (int i = 3; i < 300; i++) {
        client.text("message " + i);
      }
      Thread.sleep(100);
      assertThat(server.events).isEmpty();
      socket.resume();
      for (int i = 0; i < 300; i++) {
        assertThat(server.event()).isEqualTo("text message " + i);
      }
      assertThat(socket.isOpen()).isTrue();
      client.text("last");
      assertThat(server.event()).isEqualTo("text last");
    }
  }

  /** A client cannot make the server keep more than a little. */
  @Test
  void nothingIsReadWhenEnoughIsKept() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = server.socket();
      WsServer.pause(socket);
      byte[] message = WsClient.bytes(FIN | 2, new byte[100_000]);
      CompletableFuture<Integer> sent = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            int count = 0;
            try {
              for (; count < 1000; count++) {
                client.raw(message);
              }
            } catch (java.io.IOException e) {
              // The test has ended.
            }
            sent.complete(count);
          });
      assertThat(sent).as("100 MB do not fit anywhere").failsWithin(Duration.ofSeconds(1));
      socket.resume();
      assertThat(sent).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(1000);
      for (int i = 0; i < 1000; i++) {
        assertThat(server.event()).startsWith("binary ").hasSize(100_007);
      }
    }
  }

  /** The listener itself pauses, in the middle of a burst. */
  @Test
  void aListenerThatTakesOneAtATime() throws Exception {
    try (WsServer server =
            new WsServer(
                WsServer.limits(1000, 2, 20, 10),
                (exchange, its) -> {
                  WebSocket socket = exchange.webSocket();
                  if (socket != null) {
                    its.sockets.add(socket);
                    WebSocket.Listener echo = its.echoing(socket);
                    socket.accept(
                        null,
                        WsServer.nothing(),
                        new WebSocket.Listener() {
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
                        });
                  }
                });
        WsClient client = WsClient.open(server.port(), "/")) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 200; i++) {
        all.append(
            new String(
                WsClient.bytes(FIN | 1, ("m" + i).getBytes(StandardCharsets.UTF_8)),
                StandardCharsets.ISO_8859_1));
      }
      client.raw(all.toString().getBytes(StandardCharsets.ISO_8859_1));
      for (int i = 0; i < 200; i++) {
        assertThat(client.expect().text()).isEqualTo("m" + i);
      }
      client.close(1000);
      assertThat(client.expect().closing()).isEqualTo("1000");
      assertThat(server.event()).isEqualTo("closed 1000");
    }
  }

  /** Messages that the listener has yet to get come before the end. */
  @Test
  void theEndWaitsBehindMessages() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = server.socket();
      WsServer.pause(socket);
      client.text("one").close(1000);
      assertThat(client.expect().closing()).isEqualTo("1000");
      assertThat(client.end()).isEmpty();
      assertThat(server.outcome().complete()).isTrue();
      assertThat(server.events).isEmpty();
      assertThat(socket.isOpen()).isFalse();
      socket.resume();
      assertThat(server.event()).isEqualTo("text one");
      assertThat(server.event()).isEqualTo("closed 1000");
    }
  }

  @Test
  void theEndIsToldAtOnceIfThereAreNone() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10)) {
      WsClient client = WsClient.open(server.port(), "/");
      WebSocket socket = server.socket();
      WsServer.pause(socket);
      client.close();
      assertThat(server.event()).isEqualTo("closed 1006");
      assertThat(socket.isOpen()).isFalse();
    }
  }

  /** What other threads send arrives whole and, for each of them, in order. */
  @Test
  void otherThreadsSend() throws Exception {
    int threads = 4;
    int each = 2000;
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = server.socket();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        Thread.ofVirtual()
            .start(() -> {
              for (int i = 0; i < each; i++) {
                ByteBuffer payload = WsServer.bytes(thread + " " + i);
                socket.send(true, payload);
                payload.put(0, (byte) '!'); // it was copied
              }
            });
      }
      int[] next = new int[threads];
      for (int i = 0; i < threads * each; i++) {
        String[] words = client.expect().text().split(" ", -1);
        assertThat(Integer.parseInt(words[1])).isEqualTo(next[Integer.parseInt(words[0])]++);
      }
    }
  }

  @Test
  void aClientThatDoesNotReadCongests() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = server.socket();
      CountDownLatch atOnce = new CountDownLatch(1);
      socket.whenWritable(atOnce::countDown);
      assertThat(atOnce.await(10, TimeUnit.SECONDS)).isTrue();
      ByteBuffer payload = ByteBuffer.allocate(100_000);
      int sent = 0;
      while (sent < 1000 && !(socket.isCongested() && isStill(socket))) {
        socket.send(false, payload);
        sent++;
      }
      assertThat(sent).isLessThan(1000);
      CountDownLatch writable = new CountDownLatch(1);
      socket.whenWritable(writable::countDown);
      // Its pings are answered nevertheless, the last of them, once it reads.
      for (int i = 0; i < 50; i++) {
        client.frame(FIN | 9, (byte) i);
      }
      assertThat(writable.await(200, TimeUnit.MILLISECONDS)).isFalse();
      for (int i = 0; i < sent; i++) {
        assertThat(client.expect().payload()).hasSize(100_000);
      }
      assertThat(writable.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(socket.isCongested()).isFalse();
      Frame pong = client.expect();
      assertThat(pong.opcode()).isEqualTo(10);
      assertThat(pong.payload()).containsExactly(49);
    }
  }

  /** Whether nothing of what waits has gone out for a while. */
  private static boolean isStill(WebSocket socket) throws InterruptedException {
    Thread.sleep(50);
    return socket.isCongested();
  }

  @Test
  void theEndWakesWhoeverWaits() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10)) {
      WsClient client = WsClient.open(server.port(), "/");
      WebSocket socket = server.socket();
      for (int i = 0; i < 200; i++) {
        socket.send(false, ByteBuffer.allocate(100_000));
      }
      CountDownLatch writable = new CountDownLatch(1);
      socket.whenWritable(writable::countDown);
      assertThat(writable.await(100, TimeUnit.MILLISECONDS)).isFalse();
      client.close();
      assertThat(writable.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(server.event()).isEqualTo("closed 1006");
    }
  }
}
