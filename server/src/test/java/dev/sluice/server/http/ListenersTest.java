package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.SluiceException;
import dev.sluice.server.http.Wire.TlsWish;
import dev.sluice.server.http.tls.Authority;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.http.tls.TlsOptions;
import dev.sluice.server.redirect.HttpsRedirect;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One server with listeners of several kinds. */
@Timeout(60)
class ListenersTest {
  @TempDir private Path folder;
  private final Authority authority = new Authority("authority");
  private final Site site = new Site();

  @AfterEach
  void stop() {
    site.close();
  }

  private Tls tls(String... names) throws IOException {
    TlsOptions.Files files = authority.issue("EC", names).write(folder, "site");
    return Tls.open(TlsOptions.of(files.certificate(), files.key()));
  }

  private static String askUnix(Path path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      String request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(4096);
      while (channel.read(answer) >= 0) {
        // on to the end
      }
      return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void plainAndEncryptedSideBySide() throws IOException {
    int plain = site.bind(ListenerOptions.plain(Site.ANY_PORT));
    assertThat(site.server().httpsPort()).isZero();
    Tls tls = tls("localhost");
    int first = site.bind(ListenerOptions.plain(Site.ANY_PORT).withTls(tls));
    int second = site.bind(ListenerOptions.plain(Site.ANY_PORT).withTls(tls));
    assertThat(site.server().httpsPort()).isEqualTo(first);
    assertThat(site.server().urls())
        .containsExactly(
            "http://127.0.0.1:" + plain,
            "https://127.0.0.1:" + first,
            "https://127.0.0.1:" + second);
    try (Wire wire = Wire.plain(plain);
        Wire one = Wire.tls(authority.client(), first, TlsWish.NOTHING);
        Wire two = Wire.tls(authority.client(), second, TlsWish.NOTHING)) {
      assertThat(wire.get("/").readBody()).startsWith("http ");
      assertThat(one.get("/").readBody()).startsWith("https ");
      assertThat(two.get("/").readBody()).startsWith("https ");
    }
  }

  /** The host has to be one that a certificate is for, whatever a request says. */
  @ParameterizedTest
  @CsvSource({
    "www.example.com, 308",
    "WWW.EXAMPLE.COM:80, 308",
    "127.0.0.1, 308",
    "evil.com, 400",
    "www.example.com.evil.com, 400",
    "www.example.com@evil.com, 400",
    "www.example.com/evil.com, 400",
    "[::1], 400",
  })
  void plainHttpIsSentToHttps(String host, int status) throws IOException {
    Tls tls = tls("www.example.com", "127.0.0.1");
    int secure = site.bind(ListenerOptions.plain(Site.ANY_PORT).withTls(tls));
    int plain =
        site.bind(
            ListenerOptions.plain(Site.ANY_PORT)
                .withRedirect(new HttpsRedirect(site.server().httpsPort(), tls::covers)));
    try (Wire wire = Wire.plain(plain)) {
      wire.send("GET /a?b HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      String head = wire.readHead();
      assertThat(head).startsWith("HTTP/1.1 " + status + " ");
      if (status == 308) {
        String name = host.contains(":") ? host.substring(0, host.indexOf(':')) : host;
        assertThat(head).contains("Location: https://" + name + ":" + secure + "/a?b\r\n");
      } else {
        assertThat(head).doesNotContain("Location");
      }
    }
    try (Wire wire = Wire.tls(authority.client(), secure, TlsWish.NOTHING)) {
      assertThat(wire.get("/").readBody()).startsWith("https ");
    }
    try (Wire wire = Wire.plain(plain)) {
      assertThat(wire.get("/.well-known/acme-challenge/token").readBody()).startsWith("http ");
    }
  }

  @Test
  void ipv6IsServed() throws IOException {
    int port = site.bind(ListenerOptions.plain(BindAddress.parse("[::1]:0")));
    assertThat(site.server().urls()).containsExactly("http://[::1]:" + port);
    try (Wire wire = Wire.plain("::1", port)) {
      assertThat(wire.get("/").readBody())
          .matches("http 0:0:0:0:0:0:0:1 \\d+ 0:0:0:0:0:0:0:1 " + port + " -");
    }
  }

  /** As Linux has it by default; clients of IPv4 have IPv4 addresses. */
  @Test
  void allAddressesOfBothKinds() throws IOException {
    int port = site.bind(ListenerOptions.plain(BindAddress.parse("[::]:0")));
    try (Wire six = Wire.plain("::1", port);
        Wire four = Wire.plain("127.0.0.1", port)) {
      assertThat(six.get("/").readBody()).startsWith("http 0:0:0:0:0:0:0:1 ");
      assertThat(four.get("/").readBody()).startsWith("http 127.0.0.1 ");
    }
  }

  @Test
  void unixSocketsSpeakTlsToo() throws IOException {
    Path path = folder.resolve("tls.sock");
    site.bind(ListenerOptions.plain(new BindAddress.Unix(path)).withTls(tls("localhost")));
    assertThat(askUnix(path)).startsWith("HTTP/1.1 400 ").contains("https://");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-------", "rw-rw----", "rw-rw-rw-"})
  void aUnixSocketHasTheModeThatIsAskedFor(String mode) throws IOException {
    Path path = folder.resolve("mode.sock");
    site.bind(
        ListenerOptions.plain(new BindAddress.Unix(path))
            .withUnixMode(PosixFilePermissions.fromString(mode)));
    assertThat(Files.getPosixFilePermissions(path))
        .isEqualTo(PosixFilePermissions.fromString(mode));
    assertThat(askUnix(path)).startsWith("HTTP/1.1 200 ");
  }

  /** As a service manager hands it over: bound and listening. */
  @Test
  void anInheritedUnixSocketIsServed() throws IOException {
    Path path = folder.resolve("inherited.sock");
    Socket inherited = Socket.newSocketDomain();
    inherited.bind(new DomainSocketAddress(path.toString()));
    inherited.listen(16);
    site.bind(ListenerOptions.plain(new BindAddress.Descriptor(inherited.intValue())));
    assertThat(site.server().urls()).containsExactly("fd:" + inherited.intValue());
    for (int i = 0; i < 20; i++) {
      assertThat(askUnix(path)).startsWith("HTTP/1.1 200 ").endsWith("http  0  0 -");
    }
    site.close();
    assertThat(path).as("it belongs to whoever has made it").exists();
  }

  /** Whoever connected before the server began is served first. */
  @Test
  void clientsThatWaitAlreadyAreServed() throws IOException {
    Path path = folder.resolve("waiting.sock");
    Socket inherited = Socket.newSocketDomain();
    inherited.bind(new DomainSocketAddress(path.toString()));
    inherited.listen(16);
    try (SocketChannel early = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      early.connect(UnixDomainSocketAddress.of(path));
      early.write(
          ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      site.bind(ListenerOptions.plain(new BindAddress.Descriptor(inherited.intValue())));
      assertThat(early.read(ByteBuffer.allocate(1000))).isPositive();
    }
  }

  @Test
  void anInheritedTcpSocketIsServed() throws IOException {
    Socket inherited = Socket.newSocketStream();
    inherited.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    inherited.listen(16);
    int port =
        site.bind(
            ListenerOptions.plain(new BindAddress.Descriptor(inherited.intValue()))
                .withTls(tls("localhost")));
    assertThat(site.server().urls()).containsExactly("https://127.0.0.1:" + port);
    try (Wire wire = Wire.tls(authority.client(), port, TlsWish.NOTHING)) {
      assertThat(wire.get("/").readBody()).startsWith("https ");
    }
  }

  /** A unix socket that does not listen would be accepted from for ever. */
  @Test
  void anInheritedUnixSocketThatDoesNotListenIsRefused() throws IOException {
    Socket silent = Socket.newSocketDomain();
    try {
      assertThatThrownBy(
              () -> site.bind(ListenerOptions.plain(new BindAddress.Descriptor(silent.intValue()))))
          .isInstanceOf(SluiceException.class)
          .hasMessageContaining("does not listen");
    } finally {
      silent.close();
    }
  }

  @Test
  void aDrainEndsAllListeners() throws Exception {
    int plain = site.bind(ListenerOptions.plain(Site.ANY_PORT));
    int secure = site.bind(ListenerOptions.plain(Site.ANY_PORT).withTls(tls("localhost")));
    assertThat(site.server().drain(Duration.ofSeconds(1))).isZero();
    assertThatThrownBy(() -> Wire.plain(plain)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Wire.plain(secure)).isInstanceOf(IOException.class);
  }
}
