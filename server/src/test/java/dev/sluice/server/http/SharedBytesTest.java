package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Forwarding;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.SharedBytes;
import dev.sluice.server.http.Wire.TlsWish;
import dev.sluice.server.http.connection.BodyMode;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.tls.Authority;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.http.tls.TlsOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Answers from a file in memory: {@code /io/N} is N bytes, given by the IO thread, {@code /later/N}
 * the same given by another one; {@code /hinted/N} has an informational response before it.
 */
@Timeout(60)
@ParameterizedClass
@EnumSource(SharedBytesTest.Kept.class)
class SharedBytesTest {
  static {
    Leaks.watch();
  }

  /** Where the bytes are. */
  enum Kept {
    FILE,
    HEAP
  }

  private final Kept kept;
  @TempDir private Path folder;
  private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  private final AtomicInteger open = new AtomicInteger();
  private HttpServer server;

  SharedBytesTest(Kept kept) {
    this.kept = kept;
  }

  @BeforeEach
  void start() {
    server =
        new HttpServer(
            new Serving(
                HttpLimits.DEFAULT,
                this::accept,
                (exchange, outcome) -> outcomes.add(outcome),
                Forwarding.NONE,
                BodyMode.COLLECT),
            1);
  }

  @AfterEach
  void stop() {
    server.close();
    Leaks.assertNone();
    assertThat(open).as("files that somebody holds still").hasValue(0);
  }

  private static byte[] content(int size) {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    return content;
  }

  private SharedBytes shared(int size) {
    if (kept == Kept.HEAP) {
      return SharedBytes.of(content(size));
    }
    try {
      Path path = Files.write(folder.resolve("f" + size + "-" + System.nanoTime()), content(size));
      FileChannel file = FileChannel.open(path);
      open.incrementAndGet();
      return SharedBytes.of(file, size, open::decrementAndGet);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean accept(Exchange exchange) {
    String[] parts = exchange.request().target().split("/", -1);
    SharedBytes body = shared(Integer.parseInt(parts[2]));
    switch (parts[1]) {
      case "io" -> respond(exchange, body);
      case "hinted" -> {
        hint(exchange);
        respond(exchange, body);
      }
      default -> Thread.ofVirtual().start(() -> respond(exchange, body));
    }
    return true;
  }

  private static void hint(Exchange exchange) {
    ResponseHead head = new ResponseHead();
    head.reset(103, "Early Hints");
    head.header("Link", "</a.css>; rel=preload");
    exchange.inform(head);
  }

  private static void respond(Exchange exchange, SharedBytes body) {
    ResponseHead head = new ResponseHead();
    head.reset(200, "OK");
    head.header("Content-Length", Integer.toString(body.size()));
    head.declareContentLength(body.size());
    exchange.respond(head, body);
    body.release();
  }

  private int bind() {
    server.bind(ListenerOptions.plain(Site.ANY_PORT));
    return URI.create(server.urls().getLast()).getPort();
  }

  private static void assertAnswer(Wire wire, int size) throws IOException {
    assertThat(wire.readHead()).startsWith("HTTP/1.1 200 OK").contains("Content-Length: " + size);
    assertThat(wire.socket().getInputStream().readNBytes(size)).isEqualTo(content(size));
  }

  @ParameterizedTest
  @CsvSource({
    "io, 0",
    "io, 1",
    "io, 16384",
    "io, 16385",
    "io, 51200",
    "io, 5000000",
    "later, 0",
    "later, 16384",
    "later, 16385",
    "later, 51200",
    "later, 5000000"
  })
  void anAnswerOfAnySizeArrivesWholeAndTheConnectionGoesOn(String how, int size) throws Exception {
    try (Wire wire = Wire.plain(bind())) {
      for (int i = 0; i < 3; i++) {
        assertAnswer(wire.get("/" + how + "/" + size), size);
        Outcome outcome = outcomes.poll(15, TimeUnit.SECONDS);
        assertThat(outcome).isNotNull();
        assertThat(outcome.complete()).isTrue();
        assertThat(outcome.bytes()).isEqualTo(size);
      }
    }
  }

  /** So many in a row that answering each within the last one would overflow the stack. */
  @ParameterizedTest
  @ValueSource(strings = {"io", "later", "hinted"})
  void requestsInARowAreAnsweredInTheirOrder(String how) throws Exception {
    try (Wire wire = Wire.plain(bind())) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 300; i++) {
        all.append("GET /%s/%d HTTP/1.1\r\nHost: a\r\n\r\n".formatted(how, size(i)));
      }
      Thread sender = Thread.ofVirtual().start(() -> send(wire, all.toString()));
      for (int i = 0; i < 300; i++) {
        if (how.equals("hinted")) {
          assertThat(wire.readHead()).startsWith("HTTP/1.1 103 ").contains("Link: ");
        }
        assertAnswer(wire, size(i));
      }
      sender.join();
    }
  }

  private static int size(int i) {
    return i % 3 == 0 ? 20_000 + i : i % 3 == 1 ? 100 + i : 60_000 + i;
  }

  private static void send(Wire wire, String text) {
    try {
      wire.send(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1, Connection: close, Connection: close",
    "HTTP/1.0, Accept: */*, Connection: close",
  })
  void theConnectionEndsBehindTheWholeAnswer(String version, String header, String told)
      throws Exception {
    try (Wire wire = Wire.plain(bind())) {
      wire.send("GET /io/2000000 %s\r\nHost: a\r\n%s\r\n\r\n".formatted(version, header));
      assertThat(wire.readHead()).contains(told);
      assertThat(wire.socket().getInputStream().readAllBytes()).isEqualTo(content(2_000_000));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"io", "later"})
  void aHeadRequestGetsNoBody(String how) throws Exception {
    try (Wire wire = Wire.plain(bind())) {
      wire.send("HEAD /%s/51200 HTTP/1.1\r\nHost: a\r\n\r\n".formatted(how));
      assertThat(wire.readHead()).contains("Content-Length: 51200");
      assertAnswer(wire.get("/io/20000"), 20_000);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"io", "later"})
  void aClientThatGoesInTheMiddleHarmsNobodyElse(String how) throws Exception {
    int port = bind();
    for (int i = 0; i < 20; i++) {
      try (Wire wire = Wire.plain(port)) {
        wire.socket().setSoLinger(true, 0);
        wire.get("/" + how + "/5000000").readHead();
      }
    }
    for (int i = 0; i < 20; i++) {
      assertThat(outcomes.poll(15, TimeUnit.SECONDS)).as("request %s has ended", i).isNotNull();
    }
    assertThat(server.requestsInFlight()).isZero();
    try (Wire wire = Wire.plain(port)) {
      assertAnswer(wire.get("/" + how + "/51200"), 51_200);
    }
  }

  /** Netty's way to the socket depends on its kind. */
  @ParameterizedTest
  @ValueSource(ints = {16_385, 5_000_000})
  void overAUnixSocket(int size) throws Exception {
    Path path = folder.resolve("socket");
    server.bind(ListenerOptions.plain(new BindAddress.Unix(path)));
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      String request =
          "GET /io/%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".formatted(size);
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      InputStream in = Channels.newInputStream(channel);
      byte[] all = in.readAllBytes();
      byte[] body = new byte[size];
      System.arraycopy(all, all.length - size, body, 0, size);
      assertThat(body).isEqualTo(content(size));
      assertThat(new String(all, 0, 15, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200 OK");
    }
  }

  @ParameterizedTest
  @CsvSource({"HTTP_1_1, 51200", "HTTP_1_1, 3000000", "HTTP_2, 51200", "HTTP_2, 3000000"})
  void throughTls(HttpClient.Version version, int size) throws Exception {
    Authority authority = new Authority("authority");
    TlsOptions.Files files = authority.issue("EC", "localhost").write(folder, "site");
    Tls tls = Tls.open(TlsOptions.of(files.certificate(), files.key()));
    server.bind(ListenerOptions.plain(Site.ANY_PORT).withTls(tls));
    int port = URI.create(server.urls().getLast()).getPort();
    try (HttpClient client =
        HttpClient.newBuilder().version(version).sslContext(authority.client()).build()) {
      for (String how : new String[] {"io", "later"}) {
        URI uri = URI.create("https://localhost:%d/%s/%d".formatted(port, how, size));
        HttpResponse<byte[]> answer =
            client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());
        assertThat(answer.version()).isEqualTo(version);
        assertThat(answer.body()).isEqualTo(content(size));
      }
    }
    try (Wire wire = Wire.tls(authority.client(), port, TlsWish.NOTHING)) {
      assertAnswer(wire.get("/io/20000"), 20_000);
      assertAnswer(wire.get("/later/20000"), 20_000);
    }
  }
}
