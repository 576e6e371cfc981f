package dev.sluice.server.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.WebSocket;
import dev.sluice.server.http.BindAddress;
import dev.sluice.server.http.ListenerOptions;
import dev.sluice.server.http.tls.Authority;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.http.tls.TlsEngine;
import dev.sluice.server.http.tls.TlsOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** WebSockets inside TLS. */
@Timeout(60)
@ParameterizedClass
@EnumSource(TlsEngine.class)
class TlsSocketTest {
  private static final int SIZE = 3_000_000;

  private final TlsEngine engine;
  @TempDir private Path folder;
  private final Authority authority = new Authority("authority");
  private final byte[] content = new byte[SIZE];
  private final WsServer server = new WsServer(this::take);
  private int port;

  TlsSocketTest(TlsEngine engine) {
    this.engine = engine;
    new Random(1).nextBytes(content);
  }

  @BeforeEach
  void start() throws IOException {
    TlsOptions.Files files = authority.issue("EC", "localhost").write(folder, "site");
    TlsOptions options = TlsOptions.of(files.certificate(), files.key());
    server
        .server()
        .bind(
            ListenerOptions.plain(new BindAddress.Tcp("127.0.0.1", 0))
                .withTls(Tls.open(options, engine)));
    port = URI.create(server.server().urls().getLast()).getPort();
    Files.write(folder.resolve("content"), content);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void take(Exchange exchange, WsServer its) {
    WebSocket socket = exchange.webSocket();
    if (exchange.request().target().equals("/recorded") && socket != null) {
      socket.accept(null, WsServer.nothing(), its.recording());
      its.sockets.add(socket);
      return;
    }
    if (!exchange.request().target().equals("/file")) {
      WsServer.echo(exchange, its);
      return;
    }
    try {
      ResponseHead head = new ResponseHead();
      head.reset(200, "OK");
      head.header("Content-Length", Integer.toString(SIZE));
      head.declareContentLength(SIZE);
      exchange.begin(head);
      exchange.write(new FilePart(FileChannel.open(folder.resolve("content")), 0, SIZE));
      exchange.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private WsClient connect() throws IOException {
    SSLSocket socket =
        (SSLSocket)
            authority
                .client()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port);
    socket.startHandshake();
    return new WsClient(socket);
  }

  private WsClient open() throws IOException {
    return open("/");
  }

  private WsClient open(String path) throws IOException {
    WsClient client = connect().shake(path);
    assertThat(client.readHead()).startsWith("HTTP/1.1 101");
    return client;
  }

  @Test
  void messagesComeBack() throws Exception {
    try (WsClient client = open()) {
      for (int i = 0; i < 100; i++) {
        assertThat(client.text("message " + i).expect().text()).isEqualTo("message " + i);
      }
      byte[] large = new byte[1_000_000];
      new Random(2).nextBytes(large);
      assertThat(client.frame(0x82, large).expect().payload()).isEqualTo(large);
      client.close(1000);
      assertThat(client.expect().closing()).isEqualTo("1000");
      assertThat(client.end()).isEmpty();
      assertThat(server.event()).isEqualTo("closed 1000");
      assertThat(server.outcome().complete()).isTrue();
    }
  }

  /** What sends files over TLS makes way. */
  @Test
  void aSocketBehindAFile() throws Exception {
    try (WsClient client = connect()) {
      client.raw("GET /file HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      client.shake("/");
      client.text("soon");
      assertThat(client.readHead()).contains("200 OK");
      assertThat(client.read(SIZE)).isEqualTo(content);
      assertThat(client.readHead()).startsWith("HTTP/1.1 101");
      assertThat(client.expect().text()).isEqualTo("soon");
      assertThat(client.text("x").expect().text()).isEqualTo("x");
    }
  }

  @Test
  void aClientThatDoesNotReadCongests() throws Exception {
    try (WsClient client = open()) {
      WebSocket socket = server.socket();
      for (int i = 0; i < 200; i++) {
        socket.send(false, ByteBuffer.allocate(100_000));
      }
      CountDownLatch writable = new CountDownLatch(1);
      socket.whenWritable(writable::countDown);
      assertThat(writable.await(100, TimeUnit.MILLISECONDS)).isFalse();
      assertThat(socket.isCongested()).isTrue();
      for (int i = 0; i < 200; i++) {
        assertThat(client.expect().payload()).hasSize(100_000);
      }
      assertThat(writable.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void theEndOfTlsIsTheEnd() throws Exception {
    WsClient client = open();
    client.close();
    assertThat(server.event()).isEqualTo("closed 1006");
    assertThat(server.outcome().complete()).isFalse();
  }

  /** What was said before close_notify is delivered, now or later. */
  @ParameterizedTest
  @CsvSource({"true, 0", "true, 3000", "false, 0", "false, 3000"})
  void whatWasSaidBeforeTheEndIsDelivered(boolean paused, int size) throws Exception {
    WsClient client = open("/recorded");
    WebSocket socket = server.socket();
    if (paused) {
      WsServer.pause(socket);
    }
    CompletableFuture<Void> sent =
        CompletableFuture.runAsync(() -> {
          try {
            for (int i = 0; i < 200; i++) {
              client.text(i + "x".repeat(size));
            }
            client.close(1000).close();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    if (paused) {
      Thread.sleep(300);
      assertThat(server.events).isEmpty();
      socket.resume();
    }
    for (int i = 0; i < 200; i++) {
      assertThat(server.event()).isEqualTo("text " + i + "x".repeat(size));
    }
    assertThat(server.event()).isEqualTo("closed 1000");
    assertThat(sent).succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  void aSocketIsBrokenOff() throws Exception {
    try (WsClient client = open()) {
      server.socket().abort();
      assertThat(server.event()).isEqualTo("closed 1006");
    }
  }
}
