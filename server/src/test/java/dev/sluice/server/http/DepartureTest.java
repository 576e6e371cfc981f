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
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of HTTP/1 that leave, and what is known of it, and when. */
@Timeout(60)
@ParameterizedClass
@ValueSource(booleans = {false, true})
class DepartureTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  private final BlockingQueue<Exchange> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final HttpServer server =
      new HttpServer(
          new Serving(
              HttpLimits.DEFAULT,
              this::accept,
              RequestObserver.NONE,
              Forwarding.NONE,
              BodyMode.STREAM_ALL),
          1);
  private final Authority authority = new Authority("authority");
  @Parameter private boolean encrypted;
  @TempDir private Path folder;
  private int port;
  private Socket socket = new Socket();

  /** What the client has sent when it leaves. */
  enum Sent {
    /** A request, which waits for its answer. */
    REQUEST,
    /** So many more behind it that the connection is not read any more. */
    REQUESTS,
    /** A part of a body that nobody reads. */
    BODY,
    /**
     * So much of it that the connection is not read any more; what is left fits into the system's
     * smallest buffer, as the client's end would stay with the client otherwise.
     */
    LARGE_BODY
  }

  private boolean accept(Exchange exchange) {
    exchange.whenGone(() -> note("gone"));
    exchange.whenInputEnded(() -> note("silent"));
    requests.add(exchange);
    return true;
  }

  private void note(String what) {
    boolean onIoThread = Thread.currentThread().getName().equals("sluice-io-1");
    told.add(onIoThread ? what : what + " on another thread");
  }

  @BeforeEach
  void start() throws IOException {
    ListenerOptions options = ListenerOptions.plain(Site.ANY_PORT);
    if (encrypted) {
      TlsOptions.Files files = authority.issue("EC", "localhost").write(folder, "site");
      TlsOptions tls = TlsOptions.of(files.certificate(), files.key());
      options = options.withTls(Tls.open(tls, TlsEngine.best()));
    }
    server.bind(options);
    port = URI.create(server.urls().getFirst()).getPort();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** The socket is the one below TLS: a client that is killed says no farewell. */
  private Wire connect() throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    return encrypted ? Wire.tls(authority.client(), socket, TlsWish.NOTHING) : Wire.over(socket);
  }

  private Exchange next() throws InterruptedException {
    Exchange next = requests.poll(10, TimeUnit.SECONDS);
    assertThat(next).as("a request").isNotNull();
    return next;
  }

  private void assertTold(String... what) throws InterruptedException {
    for (String one : what) {
      assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(one);
    }
  }

  private void assertNothingTold() throws InterruptedException {
    assertThat(told.poll(300, TimeUnit.MILLISECONDS)).isNull();
  }

  private Exchange send(Wire wire, Sent sent) throws Exception {
    String post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    switch (sent) {
      case REQUEST -> wire.send(GET);
      case REQUESTS -> wire.send(GET.repeat(50));
      case BODY -> wire.send(post).send(new byte[1000]);
      case LARGE_BODY -> wire.send(post).send(new byte[300_000]);
    }
    Exchange exchange = next();
    int arrives =
        switch (sent) {
          case REQUEST, REQUESTS -> 0;
          case BODY -> 1000;
          case LARGE_BODY -> 256 * 1024;
        };
    while (exchange.body().available() < arrives) {
      Thread.sleep(1);
    }
    Thread.sleep(50); // whatever else is on its way
    assertThat(told).isEmpty();
    return exchange;
  }

  private static String drain(Exchange exchange) {
    ByteBuffer target = ByteBuffer.allocate(8192);
    try {
      int size = exchange.body().poll(target);
      while (size > 0) {
        size = exchange.body().poll(target.clear());
      }
      return size == 0 ? "more may come" : "end";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aResetIsSeenAtOnce(Sent sent) throws Exception {
    try (Wire wire = connect()) {
      Exchange exchange = send(wire, sent);
      socket.setSoLinger(true, 0);
      socket.close();
      assertTold("silent", "gone");
      assertThat(exchange.isOpen()).isFalse();
      boolean hasBody = sent == Sent.BODY || sent == Sent.LARGE_BODY;
      assertThat(drain(exchange))
          .isEqualTo(hasBody ? "the client has closed the connection" : "end");
      exchange.whenGone(() -> note("late"));
      assertTold("late");
      exchange.abort();
      assertNothingTold();
      assertThat(requests).isEmpty();
    }
  }

  /** The system says no more than that nothing comes any more. */
  @ParameterizedTest
  @EnumSource(names = {"REQUEST", "REQUESTS"})
  void aClosedSocketLooksLikeAClosedSideUntilSomethingIsSent(Sent sent) throws Exception {
    try (Wire wire = connect()) {
      Exchange exchange = send(wire, sent);
      socket.close();
      assertTold("silent");
      assertNothingTold();
      assertThat(exchange.isOpen()).isTrue();
      exchange.begin(head());
      exchange.write(ByteBuffer.wrap(new byte[10]));
      assertTold("gone");
      exchange.abort();
    }
  }

  @Test
  void whoClosesItsSideWithinABodyIsGone() throws Exception {
    try (Wire wire = connect()) {
      Exchange exchange = send(wire, Sent.BODY);
      socket.shutdownOutput();
      assertTold("silent", "gone");
      assertThat(drain(exchange)).isEqualTo("the client has closed the connection");
      exchange.abort();
    }
  }

  /** What is on its way could be the rest of the body. */
  @Test
  void whoClosesItsSideMayHaveSentTheWholeBody() throws Exception {
    try (Wire wire = connect()) {
      Exchange exchange = send(wire, Sent.LARGE_BODY);
      socket.shutdownOutput();
      assertTold("silent");
      String end = drain(exchange);
      while (end.equals("more may come")) {
        Thread.sleep(1);
        end = drain(exchange);
      }
      assertTold("gone");
      assertThat(end).isEqualTo("the client has closed the connection");
      exchange.abort();
    }
  }

  @Test
  void whoClosesItsSideStillGetsItsAnswers() throws Exception {
    try (Wire wire = connect()) {
      Exchange first = send(wire, Sent.REQUESTS);
      socket.shutdownOutput();
      assertTold("silent");
      first.respond(head(), ByteBuffer.wrap(new byte[] {'o', 'k'}));
      assertThat(wire.readBody()).isEqualTo("ok");
      Exchange second = next();
      assertTold("silent");
      second.respond(head(), ByteBuffer.wrap(new byte[] {'m', 'e'}));
      assertThat(wire.readBody()).isEqualTo("me");
    }
  }

  @Test
  void aResetBehindAClosedSideIsSeen() throws Exception {
    try (Wire wire = connect()) {
      Exchange exchange = send(wire, Sent.REQUEST);
      socket.shutdownOutput();
      assertTold("silent");
      Thread.sleep(50);
      socket.setSoLinger(true, 0);
      socket.close();
      assertTold("gone");
      assertThat(exchange.isOpen()).isFalse();
      exchange.abort();
    }
  }

  @Test
  void afterTheResponseNobodyIsTold() throws Exception {
    try (Wire wire = connect()) {
      Exchange exchange = send(wire, Sent.REQUEST);
      exchange.respond(head(), ByteBuffer.wrap(new byte[] {'o', 'k'}));
      exchange.whenGone(() -> note("gone later"));
      assertThat(wire.readBody()).isEqualTo("ok");
      socket.setSoLinger(true, 0);
      socket.close();
      exchange.whenGone(() -> note("gone later still"));
      assertNothingTold();
    }
  }

  @Test
  void whoHasLostTheRequestToAnotherIsTold() throws Exception {
    try (Wire wire = connect()) {
      Exchange exchange = send(wire, Sent.BODY);
      assertThat(exchange.takeOver(504, "too slow")).isTrue();
      assertTold("silent", "gone");
      assertThat(wire.readBody()).contains("too slow");
      assertThatThrownBy(
              () -> {
                ByteBuffer target = ByteBuffer.allocate(2000);
                exchange.body().poll(target);
                exchange.body().poll(target);
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void oneWhoTakesItsAnswerIsSeen() throws Exception {
    try (Wire wire = connect()) {
      Exchange exchange = send(wire, Sent.REQUEST);
      exchange.whenWritable(() -> note("writable at first"));
      assertTold("writable at first");
      long sent = fill(exchange);
      exchange.whenWritable(() -> note("writable"));
      exchange.whenWritable(() -> note("writable too"));
      assertNothingTold();
      exchange.end();
      wire.readHead();
      assertThat(wire.socket().getInputStream().readNBytes((int) sent)).hasSize((int) sent);
      assertTold("writable", "writable too");
    }
  }

  @Test
  void whoIsGoneIsNotWaitedFor() throws Exception {
    try (Wire wire = connect()) {
      Exchange exchange = send(wire, Sent.REQUEST);
      fill(exchange);
      exchange.whenWritable(() -> note("writable"));
      assertNothingTold();
      socket.setSoLinger(true, 0);
      socket.close();
      assertThat(told.poll(10, TimeUnit.SECONDS)).isNotNull();
      assertThat(told.poll(10, TimeUnit.SECONDS)).isNotNull();
      assertThat(told.poll(10, TimeUnit.SECONDS)).isNotNull();
      assertThat(exchange.isOpen()).isFalse();
      exchange.abort();
    }
  }

  private static ResponseHead head() {
    ResponseHead head = new ResponseHead();
    head.reset(200, "OK");
    return head;
  }

  /** Writes until the client, which reads nothing, has no room. */
  private static long fill(Exchange exchange) throws InterruptedException {
    byte[] chunk = new byte[64 * 1024];
    exchange.begin(head());
    long sent = 0;
    for (int quiet = 0; quiet < 20; quiet++) {
      while (!exchange.isCongested()) {
        exchange.write(ByteBuffer.wrap(chunk));
        sent += chunk.length;
        quiet = 0;
      }
      Thread.sleep(10);
    }
    return sent;
  }
}
