package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.server.http.Wire.TlsWish;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.tls.Authority;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.http.tls.TlsOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes to a port of TLS and is no handshake, or none that ever ends. */
@Timeout(60)
class ArrivalTest {
  private static final Duration SHORT = Duration.ofSeconds(1);

  @TempDir private Path folder;
  private final Authority authority = new Authority("authority");
  private Site site = new Site();

  @AfterEach
  void stop() {
    site.close();
  }

  private int serve(HttpLimits limits) throws IOException {
    site.close();
    site = new Site(limits);
    TlsOptions.Files files = authority.issue("EC", "localhost").write(folder, "site");
    Tls tls = Tls.open(TlsOptions.of(files.certificate(), files.key()));
    return site.bind(ListenerOptions.plain(Site.ANY_PORT).withTls(tls));
  }

  private void assertStillServes(int port) throws IOException {
    try (Wire wire = Wire.tls(authority.client(), port, TlsWish.NOTHING)) {
      assertThat(wire.get("/").readBody()).startsWith("https ");
    }
  }

  /** The first message of a client, whole. */
  private static byte[] hello(int length) {
    byte[] hello = new byte[5 + length];
    System.arraycopy(HexFormat.of().parseHex("160301"), 0, hello, 0, 3);
    hello[3] = (byte) (length >> 8);
    hello[4] = (byte) length;
    hello[5] = 1;
    return hello;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "G", "post", "PRI * HTTP/2.0\r\n\r\n"})
  void plainHttpIsToldSo(String sent) throws IOException {
    int port = serve(HttpLimits.DEFAULT);
    try (Wire wire = Wire.plain(port)) {
      assertThat(wire.send(sent).readAll())
          .startsWith("HTTP/1.1 400 Bad Request\r\n")
          .contains("Connection: close\r\n", "https://");
    }
    assertStillServes(port);
  }

  /** The answer is not lost though the client sends on and on. */
  @Test
  void plainHttpWithALargeBodyIsToldSoToo() throws IOException {
    int port = serve(HttpLimits.DEFAULT);
    try (Wire wire = Wire.plain(port)) {
      wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
      wire.send(new byte[400_000]);
      assertThat(wire.readAll()).startsWith("HTTP/1.1 400 ");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"00", "80", "15030300020228", "1403030001", "17030300", "ffff", "0d0a0d0a"})
  void whatIsNeitherIsClosed(String hex) throws IOException {
    int port = serve(HttpLimits.DEFAULT);
    try (Wire wire = Wire.plain(port)) {
      assertThat(wire.send(HexFormat.of().parseHex(hex)).readUntilClosed()).isEmpty();
    }
    assertStillServes(port);
  }

  /** CVE-2026-45416: nobody gets memory by saying how much will come. */
  @ParameterizedTest
  @ValueSource(ints = {16_385, 65_536, 0xffffff})
  void aHelloThatAnnouncesTooMuchIsClosedAtOnce(int announced) throws IOException {
    int port = serve(HttpLimits.DEFAULT);
    byte[] hello = hello(1000);
    hello[6] = (byte) (announced >> 16);
    hello[7] = (byte) (announced >> 8);
    hello[8] = (byte) announced;
    try (Wire wire = Wire.plain(port)) {
      long before = System.nanoTime();
      wire.send(hello).readUntilClosed();
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    }
    assertStillServes(port);
  }

  /** Every damaged beginning ends in an alert or a closed connection, and harms nobody else. */
  @ParameterizedTest
  @ValueSource(ints = {0, 4, 34, 38, 39, 40, 44, 100, 500})
  void aHelloOfGarbageIsClosed(int length) throws IOException {
    int port = serve(HttpLimits.DEFAULT);
    byte[] hello = hello(Math.max(4, length));
    Arrays.fill(hello, 9, hello.length, (byte) 0xff);
    hello[7] = (byte) ((hello.length - 9) >> 8);
    hello[8] = (byte) (hello.length - 9);
    try (Wire wire = Wire.plain(port)) {
      wire.send(hello);
      wire.socket().shutdownOutput();
      assertThat(wire.readUntilClosed()).doesNotContain("HTTP");
    }
    assertStillServes(port);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 20, 300})
  void aHandshakeThatDoesNotComeIsEnded(int bytes) throws IOException {
    int port = serve(Site.handshake(SHORT));
    try (Wire wire = Wire.plain(port)) {
      wire.send(Arrays.copyOf(hello(1000), bytes));
      assertThat(wire.readUntilClosed()).isEmpty();
    }
    assertStillServes(port);
  }

  /** The limit is for the whole handshake: a byte now and then does not extend it. */
  @Test
  void aHandshakeThatComesSlowlyIsEnded() throws Exception {
    int port = serve(Site.handshake(SHORT));
    try (Wire wire = Wire.plain(port)) {
      byte[] hello = hello(1000);
      assertThatThrownBy(
              () -> {
                for (byte b : hello) {
                  wire.send(new byte[] {b});
                  Thread.sleep(50);
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aLimitOfZeroIsNone() throws Exception {
    int port = serve(Site.handshake(Duration.ZERO));
    try (Wire wire = Wire.plain(port)) {
      Thread.sleep(3000);
      wire.socket().setSoTimeout(200);
      assertThatThrownBy(() -> wire.socket().getInputStream().read())
          .isInstanceOf(java.net.SocketTimeoutException.class);
    }
  }

  /** Who expects TLS could not read an answer in plain HTTP. */
  @Test
  void aConnectionTooManyIsClosedWithoutAWord() throws IOException {
    int port = serve(Site.limits(1000, 1, Duration.ofSeconds(10)));
    try (Wire first = Wire.tls(authority.client(), port, TlsWish.NOTHING);
        Wire second = Wire.plain(port)) {
      assertThat(second.readUntilClosed()).isEmpty();
      assertThat(first.get("/").readBody()).startsWith("https ");
    }
  }

  @Test
  void aDrainEndsHandshakesAtOnce() throws Exception {
    int port = serve(HttpLimits.DEFAULT);
    try (Wire wire = Wire.plain(port)) {
      wire.send(new byte[] {22});
      Thread.sleep(100);
      assertThat(site.server().drain(Duration.ofSeconds(5))).isZero();
      assertThat(wire.readUntilClosed()).isEmpty();
    }
  }
}
