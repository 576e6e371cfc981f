package dev.sluice.server.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sluice.server.http.connection.WebSocketLimits;
import dev.sluice.server.http.websocket.WsClient.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** permessage-deflate (RFC 7692): what is agreed on, and what is done then. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompressionTest {
  private static final int FIN = 0x80;
  private static final int RSV1 = 0x40;
  private static final String NAME = "permessage-deflate";
  private static final int LIMIT = 200_000;
  private WsServer server;

  @BeforeAll
  void start() {
    server = new WsServer(WsServer.limits(LIMIT, 4, 20, 10), WsServer::echo);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  static Stream<Arguments> offers() {
    String none = "; server_no_context_takeover";
    String clientNone = "; client_no_context_takeover";
    return Stream.of(
        arguments(NAME, NAME),
        arguments("PerMessage-Deflate", NAME),
        arguments(NAME + none, NAME + none),
        arguments(NAME + clientNone, NAME + clientNone),
        arguments(NAME + clientNone + none, NAME + clientNone + none),
        arguments(NAME + "; client_max_window_bits", NAME),
        arguments(NAME + "; client_max_window_bits=10", NAME),
        arguments(NAME + "; client_max_window_bits=\"10\"", NAME),
        arguments(NAME + "; server_max_window_bits=8", NAME + "; server_max_window_bits=8"),
        arguments(NAME + ";server_max_window_bits=\"15\"", NAME + "; server_max_window_bits=15"),
        arguments("other, " + NAME, NAME),
        arguments(NAME + "; what, " + NAME + none, NAME + none),
        arguments(NAME + none + none, null),
        arguments(NAME + none + "=1", null),
        arguments(NAME + clientNone + "=x", null),
        arguments(NAME + "; server_max_window_bits", null),
        arguments(NAME + "; server_max_window_bits=7", null),
        arguments(NAME + "; server_max_window_bits=16", null),
        arguments(NAME + "; server_max_window_bits=08", null),
        arguments(NAME + "; server_max_window_bits=1x", null),
        arguments(NAME + "; client_max_window_bits=99999999999", null),
        arguments("x-webkit-deflate-frame", null));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("offers")
  void anOfferIsAnswered(String offer, @Nullable String answer) throws Exception {
    try (WsClient client = new WsClient(server.port())) {
      String head = client.shake("/", "Sec-WebSocket-Extensions: " + offer).readHead();
      assertThat(head).startsWith("HTTP/1.1 101");
      if (answer == null) {
        assertThat(head).doesNotContain("Sec-WebSocket-Extensions");
      } else {
        assertThat(head).contains("Sec-WebSocket-Extensions: " + answer + "\r\n");
      }
      client.frame(FIN | RSV1 | 1, deflated(new Deflater(9, true), "hi"));
      Frame frame = client.expect();
      assertThat(frame.text()).isEqualTo(answer == null ? frame.text() : "hi");
      assertThat(frame.opcode()).isEqualTo(answer == null ? 8 : 1);
    }
  }

  @Test
  void compressionCanBeSwitchedOff() throws Exception {
    WebSocketLimits d = WebSocketLimits.DEFAULT;
    WebSocketLimits without =
        new WebSocketLimits(d.message(), d.frame(), 1, d.ping(), d.pong(), Duration.ZERO, false);
    try (WsServer plain = new WsServer(without, WsServer::echo);
        WsClient client = new WsClient(plain.port())) {
      assertThat(client.shake("/", "Sec-WebSocket-Extensions: " + NAME).readHead())
          .startsWith("HTTP/1.1 101")
          .doesNotContain("Extensions");
    }
  }

  private static byte[] deflated(Deflater deflater, byte[] message) {
    if (message.length == 0) {
      return new byte[1]; // an empty block
    }
    deflater.setInput(message);
    byte[] out = new byte[message.length * 2 + 100];
    int size = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
    return Arrays.copyOf(out, size - 4);
  }

  private static byte[] deflated(Deflater deflater, String message) {
    return deflated(deflater, message.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] inflated(Inflater inflater, Frame frame) throws DataFormatException {
    if (!frame.isCompressed()) {
      return frame.payload();
    }
    byte[] whole = Arrays.copyOf(frame.payload(), frame.payload().length + 4);
    whole[whole.length - 2] = (byte) 0xff;
    whole[whole.length - 1] = (byte) 0xff;
    inflater.setInput(whole);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] piece = new byte[10_000];
    for (int size = inflater.inflate(piece); size > 0; size = inflater.inflate(piece)) {
      out.write(piece, 0, size);
    }
    assertThat(inflater.getRemaining()).isZero();
    return out.toByteArray();
  }

  private WsClient open(String parameters) throws IOException {
    return WsClient.open(server.port(), "/", "Sec-WebSocket-Extensions: " + NAME + parameters);
  }

  /** Messages of all kinds, each compressed with and without what came before. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "",
        "; server_no_context_takeover",
        "; client_no_context_takeover",
        "; client_no_context_takeover; server_no_context_takeover",
        "; server_max_window_bits=8",
        "; server_max_window_bits=9; server_no_context_takeover",
        "; server_max_window_bits=12; client_max_window_bits"
      })
  void messagesComeBack(String parameters) throws Exception {
    boolean takesOver = !parameters.contains("server_no_context_takeover");
    boolean clientTakesOver = !parameters.contains("client_no_context_takeover");
    Deflater deflater = new Deflater(6, true);
    Inflater inflater = new Inflater(true);
    Random random = new Random(7);
    byte[] noise = new byte[5000];
    random.nextBytes(noise);
    try (WsClient client = open(parameters)) {
      for (int size : new int[] {0, 1, 63, 64, 65, 255, 256, 257, 511, 4096, 40_000, LIMIT}) {
        byte[] message = new byte[size];
        for (int i = 0; i < size; i++) {
          message[i] = i % 3 == 0 ? noise[i % noise.length] : (byte) (i / 100);
        }
        for (int i = 0; i < 3; i++) {
          client.frame(FIN | RSV1 | 2, deflated(deflater, message));
          Frame answer = client.expect();
          assertThat(answer.isCompressed()).isEqualTo(size >= 64);
          assertThat(inflated(inflater, answer)).isEqualTo(message);
          if (!clientTakesOver) {
            deflater.reset();
          }
          if (!takesOver) {
            inflater.reset();
          }
        }
      }
      // In fragments that cut the stream anywhere, with a ping among them; then not compressed.
      byte[] whole = deflated(deflater, "caf\u00e9 \u2603 ".repeat(100));
      client.frame(RSV1 | 1, Arrays.copyOf(whole, 1));
      client.frame(FIN | 9, (byte) 'p');
      client.frame(0, Arrays.copyOfRange(whole, 1, 9));
      client.frame(0);
      client.frame(FIN, Arrays.copyOfRange(whole, 9, whole.length));
      assertThat(client.expect().toString()).isEqualTo("8a p");
      assertThat(new String(inflated(inflater, client.expect()), StandardCharsets.UTF_8))
          .isEqualTo("caf\u00e9 \u2603 ".repeat(100));
      assertThat(client.text("plain").expect().toString()).isEqualTo("81 plain");
    }
  }

  /** A message that has been sent before is sent as a reference, if that is agreed on. */
  @Test
  void theContextIsTakenOver() throws Exception {
    byte[] noise = new byte[2000];
    new Random(8).nextBytes(noise);
    try (WsClient client = open("")) {
      assertThat(client.frame(FIN | 2, noise).expect().payload().length).isGreaterThan(1900);
      assertThat(client.frame(FIN | 2, noise).expect().payload().length).isLessThan(100);
    }
    try (WsClient client = open("; server_no_context_takeover")) {
      assertThat(client.frame(FIN | 2, noise).expect().payload().length).isGreaterThan(1900);
      assertThat(client.frame(FIN | 2, noise).expect().payload().length).isGreaterThan(1900);
    }
  }

  /** A client with a window of 256 bytes can read it: no reference goes further back. */
  @Test
  void aSmallWindowIsRespected() throws Exception {
    byte[] noise = new byte[256];
    new Random(9).nextBytes(noise);
    ByteArrayOutputStream twice = new ByteArrayOutputStream();
    for (int i = 0; i < 8; i++) {
      twice.writeBytes(noise);
    }
    try (WsClient client = open("; server_max_window_bits=8")) {
      // Repeats lie 256 bytes apart: had they been found, this would be far shorter.
      assertThat(client.frame(FIN | 2, twice.toByteArray()).expect().payload().length)
          .isGreaterThan(2000);
    }
    try (WsClient client = open("; server_max_window_bits=9")) {
      assertThat(client.frame(FIN | 2, twice.toByteArray()).expect().payload().length)
          .isBetween(1000, 1400);
    }
  }

  static Stream<Arguments> broken() {
    byte[] bomb = deflated(new Deflater(9, true), new byte[LIMIT + 1]);
    byte[] large = deflated(new Deflater(9, true), new byte[50_000_000]);
    byte[] text = deflated(new Deflater(9, true), "\u2603".repeat(1000) + "\u00e9");
    byte[] notUtf8 = deflated(new Deflater(9, true), new byte[] {'a', (byte) 0xc3, '('});
    return Stream.of(
        arguments("bomb", WsClient.bytes(FIN | RSV1 | 2, bomb), 1009),
        arguments("large bomb", WsClient.bytes(FIN | RSV1 | 2, large), 1009),
        arguments("bomb without an end", WsClient.bytes(RSV1 | 2, large), 1009),
        arguments("not UTF-8", WsClient.bytes(FIN | RSV1 | 1, notUtf8), 1007),
        arguments("not UTF-8 without an end", WsClient.bytes(RSV1 | 1, notUtf8), 1007),
        arguments(
            "cut", WsClient.bytes(FIN | RSV1 | 1, Arrays.copyOf(text, text.length - 4)), 1007),
        arguments("no deflate", WsClient.bytes(FIN | RSV1 | 2, (byte) 0xff, (byte) 0xff), 1007),
        arguments("compressed ping", WsClient.bytes(FIN | RSV1 | 9), 1002),
        arguments(
            "compressed continuation",
            concat(WsClient.bytes(RSV1 | 1), WsClient.bytes(FIN | RSV1)),
            1002));
  }

  private static byte[] concat(byte[] one, byte[] two) {
    byte[] both = Arrays.copyOf(one, one.length + two.length);
    System.arraycopy(two, 0, both, one.length, two.length);
    return both;
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("broken")
  void whatIsBrokenEndsTheSocket(String name, byte[] bytes, int code) throws Exception {
    try (WsClient client = open("")) {
      client.raw(bytes);
      assertThat(client.expect().closing()).startsWith(code + " ");
      assertThat(client.end()).isEmpty();
    }
  }

  /** The examples of RFC 7692, 7.2.3: several blocks, an empty one, a last one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "f248cdc9c90700",
        "000500faff48656c6c6f00",
        "f348cdc9c9070000",
        "f24805000000ffffcac9c90700"
      })
  void helloInManyForms(String hex) throws Exception {
    try (WsClient client = open("")) {
      for (int i = 0; i < 3; i++) {
        client.frame(FIN | RSV1 | 1, HexFormat.of().parseHex(hex));
        assertThat(client.expect().toString()).isEqualTo("81 Hello");
      }
      client.frame(FIN | RSV1 | 1, (byte) 0);
      assertThat(client.expect().toString()).isEqualTo("81 ");
    }
  }
}
