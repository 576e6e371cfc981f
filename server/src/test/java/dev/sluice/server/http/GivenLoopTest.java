package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Forwarding;
import dev.sluice.server.exchange.RequestObserver;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.Wire.TlsWish;
import dev.sluice.server.http.connection.BodyMode;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.tls.Authority;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.http.tls.TlsEngine;
import dev.sluice.server.http.tls.TlsOptions;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server on event loops that a test drives, which answers between two passes of the IO. */
@Timeout(60)
@ParameterizedClass
@ValueSource(booleans = {false, true})
class GivenLoopTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  private final LoopOwner owner = new LoopOwner("test-loop-1");
  private final BlockingQueue<Exchange> requests = new LinkedBlockingQueue<>();
  private final Set<String> threads = ConcurrentHashMap.newKeySet();
  private final Authority authority = new Authority("authority");
  private final HttpServer server = HttpServer.on(serving(), List.of(owner.loop()));
  @Parameter private boolean encrypted;
  @TempDir private Path folder;
  private Socket socket = new Socket();

  private Serving serving() {
    return new Serving(
        HttpLimits.DEFAULT,
        this::accept,
        RequestObserver.NONE,
        Forwarding.NONE,
        BodyMode.STREAM_ALL);
  }

  /** {@code /at-once} is answered within the call. */
  private boolean accept(Exchange exchange) {
    threads.add(Thread.currentThread().getName());
    if (exchange.request().target().equals("/at-once")) {
      exchange.begin(head());
      exchange.write(bytes("at"));
      exchange.write(bytes(" once"));
      exchange.end();
    } else {
      requests.add(exchange);
    }
    return true;
  }

  @BeforeEach
  void start() throws IOException {
    owner.defer(server.thread(owner.loop()));
    server.bind(options());
  }

  private ListenerOptions options() throws IOException {
    ListenerOptions options = ListenerOptions.plain(Site.ANY_PORT);
    if (!encrypted) {
      return options;
    }
    TlsOptions.Files files = authority.issue("EC", "localhost").write(folder, "site");
    TlsOptions tls = TlsOptions.of(files.certificate(), files.key());
    return options.withTls(Tls.open(tls, TlsEngine.best()));
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.close();
    owner.close();
  }

  private Wire connect(HttpServer to) throws IOException {
    int port = URI.create(to.urls().getFirst()).getPort();
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    return encrypted ? Wire.tls(authority.client(), socket, TlsWish.NOTHING) : Wire.over(socket);
  }

  private Exchange next() throws InterruptedException {
    Exchange next = requests.poll(10, TimeUnit.SECONDS);
    assertThat(next).as("a request").isNotNull();
    return next;
  }

  private static ResponseHead head() {
    ResponseHead head = new ResponseHead();
    head.reset(200, "OK");
    return head;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private int arrived() {
    try {
      return socket.getInputStream().available();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsSentLeavesThoughTheLoopIsBusy() throws Exception {
    try (Wire wire = connect(server)) {
      wire.send("GET /at-once HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(Chunks.read(wire)).isEqualTo("at once");
      wire.send(GET);
      Exchange exchange = next();
      owner.call(() -> {
        exchange.begin(head());
        exchange.write(bytes("one"));
        int first = awaitMoreThan(0);
        exchange.write(bytes("two"));
        exchange.end();
        awaitMoreThan(first);
        return "";
      });
      assertThat(Chunks.read(wire)).isEqualTo("onetwo");
      assertThat(threads).containsExactly("test-loop-1");
    }
  }

  private int awaitMoreThan(int bytes) {
    long end = System.nanoTime() + 10_000_000_000L;
    while (arrived() <= bytes) {
      assertThat(System.nanoTime()).as("more than %d bytes have left", bytes).isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
    return arrived();
  }

  @Test
  void manyPipelinedRequestsAreAnsweredInOrder() throws Exception {
    int count = 2000;
    try (Wire wire = connect(server)) {
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  wire.send("GET /at-once HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count) + GET);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      for (int i = 0; i < count; i++) {
        assertThat(Chunks.read(wire)).isEqualTo("at once");
      }
      Exchange last = next();
      owner.soon(() -> last.respond(head(), bytes("last")));
      assertThat(wire.readBody()).isEqualTo("last");
      sender.join();
    }
  }

  /** Whoever writes next may overtake nothing that another thread has written before. */
  @Test
  void anAnswerThatSeveralThreadsGiveStaysInOrder() throws Exception {
    try (Wire wire = connect(server)) {
      for (int round = 0; round < 300; round++) {
        wire.send(GET);
        Exchange exchange = next();
        exchange.inform(head(103));
        exchange.begin(head());
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 10; i++) {
          String text = round + "-" + i + " ";
          expected.append(text).append(text);
          exchange.write(bytes(text));
          owner.call(() -> {
            exchange.write(bytes(text));
            return "";
          });
        }
        exchange.write(bytes("end"));
        owner.soon(exchange::end);
        assertThat(wire.readHead()).startsWith("HTTP/1.1 103 ");
        assertThat(Chunks.read(wire)).isEqualTo(expected + "end");
      }
    }
  }

  private static ResponseHead head(int status) {
    ResponseHead head = new ResponseHead();
    head.reset(status, "Whatever");
    return head;
  }

  /** Echoes a body, with as much in memory as both sides allow. */
  private static final class Echo implements Runnable {
    private final Exchange exchange;
    private final ByteBuffer piece = ByteBuffer.allocate(32 * 1024);

    Echo(Exchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public void run() {
      try {
        while (!exchange.isCongested()) {
          int size = exchange.body().poll(piece.clear());
          if (size < 0) {
            exchange.end();
            return;
          }
          if (size == 0) {
            exchange.body().whenReadable(this);
            return;
          }
          exchange.write(piece.flip());
        }
        exchange.whenWritable(this);
      } catch (IOException e) {
        exchange.abort();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 65_536, 20_000_000})
  void aBodyIsEchoedWhileItArrives(int size) throws Exception {
    try (Wire wire = connect(server)) {
      wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n".formatted(size));
      byte[] content = new byte[size];
      for (int i = 0; i < size; i++) {
        content[i] = Site.byteAt(i);
      }
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  wire.send(content);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      Exchange exchange = next();
      assertThat(exchange.body().isStream()).isEqualTo(size > 65_536);
      owner.soon(() -> {
        ResponseHead head = head();
        head.header("Content-Length", Integer.toString(size));
        head.declareContentLength(size);
        exchange.begin(head);
        new Echo(exchange).run();
      });
      assertThat(wire.readHead()).startsWith("HTTP/1.1 200 ");
      assertThat(wire.socket().getInputStream().readNBytes(size)).isEqualTo(content);
      sender.join();
    }
  }

  @Test
  void whatIsBrokenOffWasSentBefore() throws Exception {
    try (Wire wire = connect(server)) {
      wire.send(GET);
      Exchange exchange = next();
      owner.soon(() -> {
        exchange.begin(head());
        exchange.write(bytes("never whole"));
        exchange.abort();
      });
      assertThat(wire.readUntilClosed()).doesNotContain("\r\n0\r\n");
      assertThat(owner.call(() -> exchange.isOpen())).isFalse();
    }
  }

  @Test
  void aConnectionThatClosesSendsItsAnswerFirst() throws Exception {
    try (Wire wire = connect(server)) {
      wire.send("GET /at-once HTTP/1.0\r\nHost: a\r\n\r\n");
      assertThat(wire.readAll()).endsWith("\r\n\r\nat once");
    }
  }

  @Test
  void whoIsAnsweredAtTheVeryEndGetsTheAnswer() throws Exception {
    try (Wire wire = connect(server)) {
      wire.send(GET);
      Exchange exchange = next();
      Thread drain =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  assertThat(server.drain(Duration.ofSeconds(10))).isZero();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      Thread.sleep(300);
      owner.soon(() -> exchange.respond(head(), bytes("late")));
      assertThat(wire.readBody()).isEqualTo("late");
      drain.join();
    }
  }

  @Test
  void theLoopOutlivesTheServer() throws Exception {
    try (Wire idle = connect(server);
        Wire busy = connect(server)) {
      idle.send("GET /at-once HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(Chunks.read(idle)).isEqualTo("at once");
      busy.send(GET);
      Exchange exchange = next();
      server.close();
      server.close();
      assertThat(idle.readUntilClosed()).isEmpty();
      assertThat(busy.readUntilClosed()).isEmpty();
      assertThat(exchange.isOpen()).isFalse();
      assertThat(server.connections()).isZero();
      assertThatThrownBy(() -> connect(server)).isInstanceOf(ConnectException.class);
      assertThat(owner.call(() -> Thread.currentThread().getName())).isEqualTo("test-loop-1");
    }
    try (HttpServer second = HttpServer.on(serving(), List.of(owner.loop()))) {
      owner.defer(second.thread(owner.loop()));
      second.bind(options());
      try (Wire wire = connect(second)) {
        wire.send("GET /at-once HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(Chunks.read(wire)).isEqualTo("at once");
      }
    }
  }

  @Test
  void connectionsAreDealtOutToSeveralLoops() throws Exception {
    try (LoopOwner first = new LoopOwner("test-loop-2");
        LoopOwner second = new LoopOwner("test-loop-3");
        HttpServer both = HttpServer.on(serving(), List.of(first.loop(), second.loop()))) {
      first.defer(both.thread(first.loop()));
      second.defer(both.thread(second.loop()));
      both.bind(options());
      List<Wire> wires = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Wire wire = connect(both);
        wires.add(wire);
        wire.send("GET /at-once HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(Chunks.read(wire)).isEqualTo("at once");
      }
      assertThat(threads).containsExactlyInAnyOrder("test-loop-2", "test-loop-3");
      assertThat(both.drain(Duration.ofSeconds(5))).isZero();
      for (Wire wire : wires) {
        assertThat(wire.readUntilClosed()).isEmpty();
        wire.close();
      }
      assertThatThrownBy(() -> both.thread(owner.loop()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aLoopThatHasEndedIsNotWaitedFor() throws Exception {
    LoopOwner ended = new LoopOwner("test-loop-4");
    HttpServer late = HttpServer.on(serving(), List.of(ended.loop()));
    late.bind(options());
    ended.close();
    long start = System.nanoTime();
    late.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
  }
}
