package dev.sluice.server.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.server.exchange.WebSocket;
import dev.sluice.server.http.websocket.WsClient.Frame;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a socket goes on and ends: pings, and the ends of either side. */
@Timeout(60)
class LifeTest {
  private static final int FIN = 0x80;

  @Test
  void theServerEnds() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = server.socket();
      assertThatThrownBy(() -> socket.close(1005, "")).isInstanceOf(IllegalArgumentException.class);
      socket.close(3001, "\u00e9".repeat(100));
      socket.send(true, WsServer.bytes("too late"));
      socket.close(3002, "too late, too");
      assertThat(client.expect().closing()).isEqualTo("3001 " + "\u00e9".repeat(61));
      client.text("ignored").frame(FIN | 9);
      client.close(3001);
      assertThat(client.end()).isEmpty();
      assertThat(server.event()).isEqualTo("closed 3001");
      assertThat(server.outcome().complete()).isTrue();
    }
  }

  @Test
  void aClientThatDoesNotAgreeToTheEndIsLeft() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 1);
        WsClient client = WsClient.open(server.port(), "/")) {
      server.socket().close(1000, "");
      assertThat(client.expect().closing()).isEqualTo("1000");
      assertThat(server.event()).isEqualTo("closed 1006");
      assertThat(client.end()).isEmpty();
      assertThat(server.outcome().complete()).isFalse();
    }
  }

  @Test
  void aSocketIsBrokenOff() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      server.socket().abort();
      assertThat(client.end()).isEmpty();
      assertThat(server.event()).isEqualTo("closed 1006");
      assertThat(server.outcome().complete()).isFalse();
    }
  }

  @Test
  void aClientIsAskedWhetherItIsThere() throws Exception {
    try (WsServer server = WsServer.recording(4, 1, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      for (int i = 0; i < 3; i++) {
        assertThat(client.expect().toString()).isEqualTo("89 ");
        client.frame(FIN | 10);
      }
      // And now it is not.
      Frame frame = client.expect();
      while (frame.opcode() == 9) {
        frame = client.expect();
      }
      assertThat(frame.closing()).isEqualTo("1011 there was no answer to a ping");
      assertThat(client.end()).isEmpty();
      assertThat(server.event()).isEqualTo("closed 1011 there was no answer to a ping");
    }
  }

  /** Whoever is not heard is not blamed for not answering. */
  @Test
  void aPauseIsNotTheClientsFault() throws Exception {
    try (WsServer server = WsServer.recording(1, 1, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = server.socket();
      WsServer.pause(socket);
      client.text("waits");
      Thread.sleep(4000);
      assertThat(socket.isOpen()).isTrue();
      socket.resume();
      assertThat(server.event()).isEqualTo("text waits");
    }
  }

  @Test
  void atItsEndTheServerSaysSo() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      WebSocket socket = server.socket();
      assertThat(server.server().requestsInFlight()).isEqualTo(1);
      CompletableFuture<Integer> cut = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            try {
              cut.complete(server.server().drain(Duration.ofSeconds(15)));
            } catch (InterruptedException e) {
              cut.completeExceptionally(e);
            }
          });
      assertThat(client.expect().closing()).startsWith("1001 ");
      assertThat(socket.isOpen()).isFalse();
      assertThat(cut).isNotDone();
      client.close(1001);
      assertThat(cut).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(0);
      assertThat(server.event()).isEqualTo("closed 1001");
      assertThat(server.server().requestsInFlight()).isZero();
    }
  }

  @Test
  void aClientThatStaysIsCutOff() throws Exception {
    try (WsServer server = WsServer.recording(4, 20, 10);
        WsClient client = WsClient.open(server.port(), "/")) {
      server.socket();
      assertThat(server.server().drain(Duration.ofMillis(300))).isEqualTo(1);
      assertThat(client.expect().closing()).startsWith("1001 ");
      assertThat(server.event()).isEqualTo("closed 1006");
    }
  }

  @Test
  void whatIsAcceptedDuringTheEndIsEnded() throws Exception {
    BlockingQueue<WebSocket> asked = new LinkedBlockingQueue<>();
    try (WsServer server =
            new WsServer((exchange, its) -> {
              WebSocket socket = exchange.webSocket();
              if (socket != null) {
                asked.add(socket);
              }
            });
        WsClient client = new WsClient(server.port())) {
      client.shake("/");
      WebSocket socket = asked.take();
      Thread draining =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  server.server().drain(Duration.ofSeconds(15));
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      Thread.sleep(200);
      socket.accept(null, WsServer.nothing(), server.recording());
      assertThat(client.readHead()).startsWith("HTTP/1.1 101");
      assertThat(client.expect().closing()).startsWith("1001 ");
      client.close(1001);
      assertThat(draining.join(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void aListenerThatFailsEndsTheSocket() throws Exception {
    try (WsServer server =
            new WsServer((exchange, its) -> {
              WebSocket socket = exchange.webSocket();
              if (socket != null) {
                socket.accept(
                    null,
                    WsServer.nothing(),
                    new WebSocket.Listener() {
                      @Override
                      public void message(boolean text, ByteBuffer payload) {
                        throw new IllegalStateException("for the test");
                      }

                      @Override
                      public void closed(int code, String reason) {
                        its.events.add("closed " + code);
                        throw new IllegalStateException("for the test");
                      }
                    });
              }
            });
        WsClient client = WsClient.open(server.port(), "/")) {
      assertThat(client.text("x").expect().closing()).isEqualTo("1011");
      assertThat(client.end()).isEmpty();
      assertThat(server.event()).isEqualTo("closed 1011");
      assertThat(server.events).isEmpty();
    }
  }
}
