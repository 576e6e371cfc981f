package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.http.Wire.TlsWish;
import dev.sluice.server.http.tls.Authority;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.http.tls.TlsOptions;
import dev.sluice.server.proxies.TrustedProxies;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Proxies that say whom they speak for, in both versions of the PROXY protocol. */
@Timeout(60)
class ProxyProtocolTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String LAST = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
  private static final String FOUR = "c6336407" + "cb007109" + "d431" + "01bb";
  private static final String SIX =
      "20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "d431" + "01bb";

  @TempDir private Path folder;
  private final Site site = new Site(Site.handshake(Duration.ofSeconds(1)));
  private int port;

  @BeforeEach
  void serve() {
    port =
        site.bind(
            ListenerOptions.plain(Site.ANY_PORT)
                .withProxies(TrustedProxies.of(List.of("127.0.0.0/8", "unix"))));
  }

  @AfterEach
  void stop() {
    site.close();
  }

  /** What is sent as it is, or, after {@code v2:}, the signature and the bytes as hexadecimals. */
  private static byte[] bytes(String header) {
    return header.startsWith("v2:")
        ? HexFormat.of().parseHex(SIGNATURE + header.substring(3).replace(" ", ""))
        : header.getBytes(StandardCharsets.ISO_8859_1);
  }

  static Stream<Arguments> accepted() {
    String tlvs =
        "03 0004 01020304" + "02 0003 616263" + "20 000f 01 00000000 21 0007 544c5376312e33";
    return Stream.of(
        Arguments.of(
            "PROXY TCP4 198.51.100.7 203.0.113.9 54321 443\r\n",
            "198.51.100.7 54321 203.0.113.9 443"),
        Arguments.of("PROXY TCP4 1.2.3.4 5.6.7.8 1 65535\r\n", "1.2.3.4 1 5.6.7.8 65535"),
        Arguments.of(
            "PROXY TCP6 2001:db8::1 2001:db8::2 54321 443\r\n",
            "2001:db8::1 54321 2001:db8::2 443"),
        Arguments.of(
            "PROXY TCP6 2001:0db8:0000:0000:0000:0000:0000:0001 ::1 1 2\r\n",
            "2001:db8::1 1 ::1 2"),
        Arguments.of("PROXY TCP6 ::ffff:1.2.3.4 ::1 1 2\r\n", "1.2.3.4 1 ::1 2"),
        Arguments.of("PROXY UNKNOWN\r\n", "own"),
        Arguments.of("PROXY UNKNOWN 1.2.3.4 5.6.7.8 1 2\r\n", "own"),
        Arguments.of("PROXY UNKNOWN ffff::1 whatever\r\n", "own"),
        Arguments.of("v2:21 11 000c " + FOUR, "198.51.100.7 54321 203.0.113.9 443"),
        Arguments.of("v2:21 21 0024 " + SIX, "2001:db8::1 54321 2001:db8::2 443"),
        Arguments.of("v2:20 00 0000", "own"),
        Arguments.of("v2:20 11 000c " + FOUR, "own"),
        Arguments.of("v2:21 00 0000", "own"),
        Arguments.of("v2:21 00 0003 010203", "own"),
        Arguments.of("v2:21 31 00d8 " + "2f".repeat(216), " 0  0"),
        Arguments.of(
            "v2:21 11 %04x %s %s".formatted(12 + 7 + 6 + 18, FOUR, tlvs),
            "198.51.100.7 54321 203.0.113.9 443"));
  }

  private void assertPeer(String answer, int localPort, String expected) {
    if (expected.equals("own")) {
      assertThat(answer).matches("http 127\\.0\\.0\\.1 \\d+ 127\\.0\\.0\\.1 " + localPort + " -");
    } else {
      assertThat(answer).isEqualTo("http " + expected + " -");
    }
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void whomAProxySpeaksForIsThePeer(String header, String expected) throws IOException {
    try (Wire wire = Wire.plain(port)) {
      wire.send(bytes(header)).send(GET);
      assertPeer(wire.readBody(), port, expected);
      // The header is said once for a connection.
      assertPeer(wire.send(GET).readBody(), port, expected);
    }
  }

  /** However the bytes are cut on their way. */
  @ParameterizedTest
  @MethodSource("accepted")
  void aHeaderMayComeByteForByte(String header, String expected) throws IOException {
    try (Wire wire = Wire.plain(port)) {
      wire.socket().setTcpNoDelay(true);
      for (byte b : bytes(header)) {
        wire.send(new byte[] {b});
      }
      assertPeer(wire.send(GET).readBody(), port, expected);
    }
  }

  static Stream<String> malformed() {
    Stream<String> text =
        Stream.of(
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
            "PROXY\r\n",
            "PROXY \r\n",
            "PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
            " PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
            "\r\nPROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
            "PROXY\tTCP4 1.2.3.4 5.6.7.8 1 2\r\n",
            "PROXY tcp4 1.2.3.4 5.6.7.8 1 2\r\n",
            "PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n",
            "PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n",
            "PROXY UNIX_STREAM /a /b 0 0\r\n",
            "PROXY UNKNOWNX\r\n",
            "PROXY TCP4\r\n",
            "PROXY TCP4 1.2.3.4\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8  1 2\r\n",
            "PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1\t2\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 0 2\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1 99999999999\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1 0x2\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1 \u00b2\r\n",
            "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n",
            "PROXY TCP4 1.2.3.256 5.6.7.8 1 2\r\n",
            "PROXY TCP4 1.2.3.04 5.6.7.8 1 2\r\n",
            "PROXY TCP4 1.2.3.4.5 5.6.7.8 1 2\r\n",
            "PROXY TCP4 localhost 5.6.7.8 1 2\r\n",
            "PROXY TCP4 ::1 ::2 1 2\r\n",
            "PROXY TCP4 1.2.3.4 ::2 1 2\r\n",
            "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n",
            "PROXY TCP6 ::1 5.6.7.8 1 2\r\n",
            "PROXY TCP6 [::1] ::2 1 2\r\n",
            "PROXY TCP6 fe80::1%eth0 ::2 1 2\r\n",
            "PROXY TCP6 ::1::2 ::2 1 2\r\n",
            "PROXY TCP6 1:2:3:4:5:6:7:8:9 ::2 1 2\r\n",
            "PROXY TCP6 12345::1 ::2 1 2\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1 2" + " ".repeat(80) + "\r\n",
            "PROXY UNKNOWN " + "x".repeat(92) + "\r\n",
            "PROXY UNKNOWN " + "x".repeat(5000),
            "PROXY UNKNOWN a\nb\r\n");
    Stream<String> binary =
        Stream.of(
            "v2:11 11 000c " + FOUR,
            "v2:31 11 000c " + FOUR,
            "v2:01 11 000c " + FOUR,
            "v2:f1 11 000c " + FOUR,
            "v2:22 11 000c " + FOUR,
            "v2:2f 11 000c " + FOUR,
            "v2:21 10 000c " + FOUR,
            "v2:21 13 000c " + FOUR,
            "v2:21 41 000c " + FOUR,
            "v2:21 ff 000c " + FOUR,
            "v2:21 01 000c " + FOUR,
            "v2:21 12 000c " + FOUR,
            "v2:21 22 0024 " + SIX,
            "v2:21 32 00d8 " + "00".repeat(216),
            "v2:21 11 0000",
            "v2:21 11 000b " + FOUR.substring(2),
            "v2:21 21 000c " + FOUR,
            "v2:21 21 0023 " + SIX.substring(2),
            "v2:21 31 000c " + FOUR,
            "v2:21 11 0010 " + FOUR + "01 ffff 00",
            "v2:21 11 0011 " + FOUR + "20 0002 0000",
            "v2:21 11 ffff " + FOUR + "00".repeat(8000));
    Stream<String> signatures =
        Stream.of(
            "\r\n\r\n\0\r\nQUIT\r",
            "\r\n\r\n\0\r\nQuit\n!\21\0\f",
            "\r\n\r\nGET / HTTP/1.1",
            "\26\3\1\0\5");
    return Stream.of(text, binary, signatures).flatMap(all -> all);
  }

  /** Not one of them is served, and not one stays longer than a handshake may take. */
  @ParameterizedTest
  @MethodSource("malformed")
  void whatIsNoHeaderIsClosed(String header) throws IOException {
    try (Wire wire = Wire.plain(port)) {
      try {
        wire.send(bytes(header)).send(GET);
      } catch (IOException closedAlready) {
        // That is what is asked for.
      }
      assertThat(wire.readUntilClosed()).isEmpty();
    }
  }

  @Test
  void thereAreManyOfThem() {
    assertThat(malformed().distinct()).hasSizeGreaterThan(70);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "P", "PROXY TCP4 1.2.3.4 5.6.7.8 1", "v2:", "v2:21 11 000c c633"})
  void aHeaderThatDoesNotComeIsNotWaitedForLong(String beginning) throws IOException {
    try (Wire wire = Wire.plain(port)) {
      assertThat(wire.send(bytes(beginning)).readUntilClosed()).isEmpty();
    }
  }

  @Test
  void whoIsNoProxyIsClosed() throws IOException {
    int other =
        site.bind(
            ListenerOptions.plain(Site.ANY_PORT)
                .withProxies(TrustedProxies.of(List.of("192.0.2.0/24"))));
    for (String sent : List.of("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + GET, GET, "")) {
      try (Wire wire = Wire.plain(other)) {
        wire.send(sent);
        assertThat(wire.readUntilClosed()).isEmpty();
      } catch (IOException closedAlready) {
        assertThat(closedAlready).isNotInstanceOf(java.net.SocketTimeoutException.class);
      }
    }
  }

  /** Where proxies are not expected, their header is no request. */
  @Test
  void withoutTheOptionAHeaderIsNoRequest() throws IOException {
    int plain = site.bind(ListenerOptions.plain(Site.ANY_PORT));
    try (Wire wire = Wire.plain(plain)) {
      assertThat(wire.send("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + GET).readAll())
          .startsWith("HTTP/1.1 400 ");
    }
  }

  @Test
  void unixSocketsHaveHeadersToo() throws IOException {
    Path path = folder.resolve("proxy.sock");
    site.bind(
        ListenerOptions.plain(new BindAddress.Unix(path))
            .withProxies(TrustedProxies.of(List.of("unix"))));
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      String sent = "PROXY TCP4 198.51.100.7 203.0.113.9 54321 443\r\n" + LAST;
      channel.write(ByteBuffer.wrap(sent.getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(4096);
      while (channel.read(answer) >= 0) {
        // on to the end
      }
      assertThat(new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII))
          .endsWith("http 198.51.100.7 54321 203.0.113.9 443 -");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY TCP4 198.51.100.7 203.0.113.9 54321 443\r\n",
        "v2:21 11 000c c6336407 cb007109 d431 01bb"
      })
  void theHeaderComesBeforeTls(String header) throws IOException {
    Authority authority = new Authority("authority");
    TlsOptions.Files files = authority.issue("EC", "localhost").write(folder, "site");
    int secure =
        site.bind(
            ListenerOptions.plain(Site.ANY_PORT)
                .withProxies(TrustedProxies.of(List.of("*")))
                .withTls(Tls.open(TlsOptions.of(files.certificate(), files.key()))));
    try (Wire below = Wire.plain(secure)) {
      below.send(bytes(header));
      try (Wire wire = Wire.tls(authority.client(), below.socket(), TlsWish.NOTHING)) {
        assertThat(wire.get("/").readBody())
            .startsWith("https 198.51.100.7 54321 203.0.113.9 443 TLSv1.3 ");
      }
    }
    try (Wire wire = Wire.plain(secure)) {
      wire.send(bytes(header)).send(GET);
      assertThat(wire.readAll()).startsWith("HTTP/1.1 400 ").contains("https://");
    }
  }
}
