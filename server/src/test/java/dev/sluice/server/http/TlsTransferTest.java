package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.server.http.Wire.TlsWish;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.tls.Authority;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.http.tls.TlsEngine;
import dev.sluice.server.http.tls.TlsOptions;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and answers through TLS, whole or cut off, and how connections end. */
@Timeout(60)
@ParameterizedClass
@EnumSource(TlsEngine.class)
class TlsTransferTest {
  private final TlsEngine engine;
  @TempDir private Path folder;
  private final Authority authority = new Authority("authority");
  private Site site = new Site();

  TlsTransferTest(TlsEngine engine) {
    this.engine = engine;
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private int serve(HttpLimits limits) throws IOException {
    site.close();
    site = new Site(limits);
    TlsOptions.Files files = authority.issue("EC", "localhost").write(folder, "site");
    TlsOptions options = TlsOptions.of(files.certificate(), files.key());
    return site.bind(ListenerOptions.plain(Site.ANY_PORT).withTls(Tls.open(options, engine)));
  }

  private Wire connect(int port, String version) throws IOException {
    return Wire.tls(authority.client(), port, TlsWish.NOTHING.version(version));
  }

  private static void assertPattern(InputStream in, long length) throws IOException {
    byte[] buffer = new byte[50_000];
    long at = 0;
    while (at < length) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, length - at));
      assertThat(read).as("at %s", at).isPositive();
      for (int i = 0; i < read; i++, at++) {
        if (buffer[i] != Site.byteAt(at)) {
          throw new AssertionError("byte " + at + " is another one");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void manyRequestsOnOneConnection(String version) throws IOException {
    try (Wire wire = connect(serve(HttpLimits.DEFAULT), version)) {
      for (int i = 0; i < 200; i++) {
        assertThat(wire.get("/").readBody()).startsWith("https ");
      }
      wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(40));
      for (int i = 0; i < 40; i++) {
        assertThat(wire.readBody()).startsWith("https ");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 16_383, 16_384, 16_385, 1_000_000, 60_000_000})
  void anAnswerOfAnySizeArrivesWhole(long size) throws IOException {
    try (Wire wire = connect(serve(HttpLimits.DEFAULT), "")) {
      wire.get("/large/" + size);
      assertThat(wire.readHead()).contains("Content-Length: " + size);
      assertPattern(wire.socket().getInputStream(), size);
      assertThat(wire.get("/").readBody()).startsWith("https ");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_536, 3_000_001})
  void aFileArrivesWhole(int size) throws IOException {
    byte[] content = new byte[size];
    new Random(7).nextBytes(content);
    Path file = Files.write(folder.resolve("content"), content);
    try (Wire wire = connect(serve(HttpLimits.DEFAULT), "")) {
      wire.get("/file" + file);
      wire.readHead();
      assertThat(wire.socket().getInputStream().readNBytes(size)).isEqualTo(content);
      assertThat(wire.get("/").readBody()).startsWith("https ");
    }
  }

  /** Neither does the thread turn for ever, nor is what was cut off taken for the whole. */
  @Test
  void aFileThatBecomesShorterBreaksTheConnection() throws IOException {
    Path file = Files.write(folder.resolve("content"), new byte[30_000_000]);
    int port = serve(HttpLimits.DEFAULT);
    try (Wire wire = connect(port, "")) {
      wire.get("/shrinking" + file);
      // Java throws at an end without close_notify, and at a reset.
      assertThatThrownBy(wire::readAll).isInstanceOf(IOException.class);
    }
    try (Wire wire = connect(port, "")) {
      assertThat(wire.get("/").readBody()).startsWith("https ");
    }
  }

  /**
   * The end of the connection is the answer's end, and close_notify says that it is the right one.
   */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aConnectionIsClosedInWordsOfTls(String version) throws IOException {
    try (Wire wire = connect(serve(HttpLimits.DEFAULT), version)) {
      wire.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      // Java throws at the end of a connection that no close_notify has announced.
      assertThat(wire.readAll()).contains("HTTP/1.1 200 OK").contains("Connection: close");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aRefusalReachesAClientThatStillSends(String version) throws IOException {
    int port = serve(Site.limits(1000, 100, Duration.ofSeconds(10)));
    try (Wire wire = connect(port, version)) {
      wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
      OutputStream out = wire.socket().getOutputStream();
      byte[] piece = new byte[10_000];
      for (int i = 0; i < 40; i++) {
        out.write(piece);
      }
      out.flush();
      assertThat(wire.readAll()).startsWith("HTTP/1.1 413 ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void whatIsNoRequestIsRefusedAsWithoutTls(String version) throws IOException {
    try (Wire wire = connect(serve(HttpLimits.DEFAULT), version)) {
      assertThat(wire.send("NONSENSE\r\n\r\n").readAll()).startsWith("HTTP/1.1 400 ");
    }
  }

  /** A client that has only ended its TCP side still gets its answer, as without TLS. */
  @Test
  void aClientThatHasSentItsLastByteIsAnswered() throws IOException {
    int port = serve(HttpLimits.DEFAULT);
    try (Socket below = new Socket(InetAddress.getLoopbackAddress(), port);
        Wire wire = Wire.tls(authority.client(), below, TlsWish.NOTHING)) {
      below.setSoTimeout(10_000);
      wire.get("/slow");
      below.shutdownOutput();
      assertThat(wire.readBody()).isEqualTo("slow");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientThatSaysGoodbyeIsLetGo(String version) throws IOException {
    try (Wire wire = connect(serve(HttpLimits.DEFAULT), version)) {
      assertThat(wire.get("/").readBody()).startsWith("https ");
      wire.tls().shutdownOutput(); // close_notify
      assertThat(wire.readAll()).isEmpty();
    }
  }

  @Test
  void bytesThatAreNoTlsEndTheConnection() throws IOException {
    int port = serve(HttpLimits.DEFAULT);
    try (Socket below = new Socket(InetAddress.getLoopbackAddress(), port);
        Wire wire = Wire.tls(authority.client(), below, TlsWish.NOTHING)) {
      assertThat(wire.get("/").readBody()).startsWith("https ");
      below.getOutputStream().write(new byte[100]);
      assertThatThrownBy(
              () -> {
                if (wire.readAll().isEmpty()) {
                  throw new EOFException("closed");
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  /** Renegotiation is a cheap way to make a server work hard. */
  @Test
  void aClientMayNotNegotiateAgain() throws Exception {
    int port = serve(HttpLimits.DEFAULT);
    try (Wire wire = connect(port, "TLSv1.2")) {
      assertThat(wire.get("/").readBody()).startsWith("https ");
      assertThatThrownBy(
              () -> {
                wire.tls().startHandshake();
                wire.get("/").readBody();
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aDrainLetsAnAnswerEnd() throws Exception {
    int port = serve(HttpLimits.DEFAULT);
    try (Wire idle = connect(port, "");
        Wire busy = connect(port, "")) {
      busy.get("/slow");
      Thread.sleep(100);
      assertThat(site.server().drain(Duration.ofSeconds(5))).isZero();
      assertThat(busy.readBody()).isEqualTo("slow");
      assertThat(idle.readAll()).isEmpty();
    }
  }
}
