package dev.sluice.server.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.http.websocket.WsClient.Frame;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What frames become, and which of them end the socket (RFC 6455, 5 to 8). */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FramesTest {
  private static final int FIN = 0x80;
  private static final int LIMIT = 100_000;
  private WsServer server;

  @BeforeAll
  void start() {
    server = new WsServer(WsServer.limits(LIMIT, 4, 20, 10), WsServer::echo);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] frame(int first, String text) {
    return WsClient.bytes(first, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] closing(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    byte[] payload = new byte[2 + text.length];
    ByteBuffer.wrap(payload).putShort((short) code).put(text);
    return WsClient.bytes(FIN | 8, payload);
  }

  /** Frames, the first frame that answers them, and how the socket ends. */
  static Stream<Arguments> broken() {
    byte[] start = frame(1, "start");
    return Stream.of(
        arguments("rsv1", frame(FIN | 0x40 | 1, "x"), 1002),
        arguments("rsv2", frame(FIN | 0x20 | 1, "x"), 1002),
        arguments("rsv3", frame(FIN | 0x10 | 9, ""), 1002),
        arguments("opcode 3", frame(FIN | 3, ""), 1002),
        arguments("opcode 7", frame(FIN | 7, ""), 1002),
        arguments("opcode 11", frame(FIN | 11, ""), 1002),
        arguments("opcode 15", frame(FIN | 15, ""), 1002),
        arguments("fragmented ping", frame(9, ""), 1002),
        arguments("fragmented close", frame(8, ""), 1002),
        arguments("long ping", WsClient.bytes(FIN | 9, new byte[126]), 1002),
        arguments("unmasked", new byte[] {(byte) 0x81, 1, 'x'}, 1002),
        arguments("nothing to continue", frame(FIN, "x"), 1002),
        arguments("nothing to continue, not last", frame(0, "x"), 1002),
        arguments("text in text", join(start, frame(FIN | 1, "x")), 1002),
        arguments("binary in text", join(start, frame(FIN | 2, "x")), 1002),
        arguments("negative length", hex("82 ff 80 00000000000001"), 1002),
        arguments("long length of 125", hex("82 fe 007d 00000000"), 1002),
        arguments("longer length of 65535", hex("82 ff 000000000000ffff 00000000"), 1002),
        arguments("close of a byte", WsClient.bytes(FIN | 8, (byte) 3), 1002),
        arguments("reason not UTF-8", WsClient.bytes(FIN | 8, hex("03e8 c328")), 1007),
        arguments("large frame", hex("82 ff 00000000000186a1 00000000"), 1009),
        arguments("huge frame", hex("82 ff 7fffffffffffffff 00000000"), 1009),
        arguments(
            "large message",
            join(
                WsClient.bytes(2, new byte[LIMIT]),
                WsClient.bytes(0, new byte[0]),
                hex("00 81 00000000 00")),
            1009),
        arguments("not UTF-8", WsClient.bytes(FIN | 1, hex("c328")), 1007),
        arguments("cut UTF-8", WsClient.bytes(FIN | 1, hex("e282")), 1007),
        arguments("overlong", WsClient.bytes(FIN | 1, hex("c080")), 1007),
        arguments("overlong 3", WsClient.bytes(FIN | 1, hex("e08080")), 1007),
        arguments("overlong 4", WsClient.bytes(FIN | 1, hex("f0808080")), 1007),
        arguments("surrogate", WsClient.bytes(FIN | 1, hex("eda080")), 1007),
        arguments("too large", WsClient.bytes(FIN | 1, hex("f4908080")), 1007),
        arguments("f5", WsClient.bytes(FIN | 1, hex("f5808080")), 1007),
        arguments("lone continuation", WsClient.bytes(FIN | 1, hex("80")), 1007),
        arguments("behind ASCII", WsClient.bytes(FIN | 1, hex("616161616161616161ff")), 1007),
        arguments("fast in a fragment", WsClient.bytes(1, hex("c328")), 1007),
        arguments(
            "fast in a frame that is not complete",
            join(hex("81 88 00000000"), hex("f4908080")),
            1007),
        arguments(
            "cut at the end of fragments",
            join(WsClient.bytes(1, hex("e2")), WsClient.bytes(FIN, hex("82"))),
            1007));
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("broken")
  void whatIsBrokenEndsTheSocket(String name, byte[] bytes, int code) throws Exception {
    try (WsClient client = WsClient.open(server.port(), "/")) {
      client.raw(bytes);
      assertThat(client.expect().closing()).startsWith(code + " ");
      assertThat(client.end()).isEmpty();
      assertThat(server.event()).startsWith("closed " + code + " ");
      Outcome outcome = server.outcome();
      assertThat(outcome.status()).isEqualTo(101);
      assertThat(outcome.complete()).isFalse();
    }
  }

  static Stream<Arguments> closings() {
    return Stream.of(
        arguments("none", WsClient.bytes(FIN | 8), "0", "closed 1005"),
        arguments("1000", closing(1000, ""), "1000", "closed 1000"),
        arguments("reason", closing(1001, "bye \u2603"), "1001", "closed 1001 bye \u2603"),
        arguments("1003", closing(1003, ""), "1003", "closed 1003"),
        arguments("1007", closing(1007, ""), "1007", "closed 1007"),
        arguments("1011", closing(1011, ""), "1011", "closed 1011"),
        arguments("1012", closing(1012, ""), "1012", "closed 1012"),
        arguments("1014", closing(1014, ""), "1014", "closed 1014"),
        arguments("3000", closing(3000, ""), "3000", "closed 3000"),
        arguments("4999", closing(4999, "x".repeat(123)), "4999", "closed 4999 " + "x".repeat(123)),
        arguments("0", closing(0, ""), "1002 ", "closed 1002 "),
        arguments("999", closing(999, ""), "1002 ", "closed 1002 "),
        arguments("1004", closing(1004, ""), "1002 ", "closed 1002 "),
        arguments("1005", closing(1005, ""), "1002 ", "closed 1002 "),
        arguments("1006", closing(1006, ""), "1002 ", "closed 1002 "),
        arguments("1015", closing(1015, ""), "1002 ", "closed 1002 "),
        arguments("1016", closing(1016, ""), "1002 ", "closed 1002 "),
        arguments("2999", closing(2999, ""), "1002 ", "closed 1002 "),
        arguments("5000", closing(5000, ""), "1002 ", "closed 1002 "),
        arguments("65535", closing(65535, ""), "1002 ", "closed 1002 "));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("closings")
  void theClientEndsTheSocket(String name, byte[] bytes, String answer, String told)
      throws Exception {
    try (WsClient client = WsClient.open(server.port(), "/")) {
      client.text("before").raw(bytes);
      assertThat(client.expect().text()).isEqualTo("before");
      String said = client.expect().closing();
      assertThat(answer.endsWith(" ") ? said.substring(0, 5) : said).isEqualTo(answer);
      client.text("behind");
      assertThat(client.end()).isEmpty();
      String event = server.event();
      assertThat(told.endsWith(" ") ? event.substring(0, 12) : event).isEqualTo(told);
      Outcome outcome = server.outcome();
      assertThat(outcome.complete()).isEqualTo(!told.endsWith(" "));
      assertThat(outcome.bytes()).isEqualTo(6);
      assertThat(server.events).isEmpty();
    }
  }

  @Test
  void messagesOfAllSizesComeBack() throws Exception {
    Random random = new Random(6);
    int[] sizes = {0, 1, 2, 3, 7, 8, 9, 125, 126, 127, 1000, 1014, 1015, 65535, 65536, LIMIT};
    try (WsClient client = WsClient.open(server.port(), "/")) {
      for (int size : sizes) {
        byte[] payload = new byte[size];
        random.nextBytes(payload);
        Frame frame = client.frame(FIN | 2, payload).expect();
        assertThat(frame.opcode()).isEqualTo(2);
        assertThat(frame.payload()).isEqualTo(payload);
        String text = "\u2603\u00e9\ud83d\ude00x".repeat(size / 10);
        frame = client.text(text).expect();
        assertThat(frame.opcode()).isEqualTo(1);
        assertThat(frame.text()).isEqualTo(text);
      }
      client.close(1000);
      assertThat(client.expect().closing()).isEqualTo("1000");
    }
    assertThat(server.event()).isEqualTo("closed 1000");
    assertThat(server.outcome().complete()).isTrue();
  }

  /** The same bytes, however they are cut. */
  @ParameterizedTest(name = "by {0}")
  @org.junit.jupiter.params.provider.ValueSource(ints = {1, 2, 3, 5, 7, 11, 64, 1000})
  void piecesMakeNoDifference(int size) throws Exception {
    byte[] payload = new byte[300];
    new Random(size).nextBytes(payload);
    byte[] all =
        join(
            frame(1, "a\u2603b"),
            frame(FIN | 9, "ping"),
            frame(0, ""),
            WsClient.bytes(FIN | 10),
            frame(FIN, "\ud83d\ude00"),
            frame(FIN | 2, ""),
            WsClient.bytes(2, payload),
            WsClient.bytes(FIN, payload),
            closing(1000, "end"));
    try (WsClient client = WsClient.open(server.port(), "/")) {
      for (int at = 0; at < all.length; at += size) {
        client.raw(java.util.Arrays.copyOfRange(all, at, Math.min(at + size, all.length)));
        if (at % 97 == 0) {
          Thread.sleep(1);
        }
      }
      assertThat(client.expect().toString()).isEqualTo("8a ping");
      assertThat(client.expect().toString()).isEqualTo("81 a\u2603b\ud83d\ude00");
      assertThat(client.expect().toString()).isEqualTo("82 ");
      assertThat(client.expect().payload()).isEqualTo(join(payload, payload));
      assertThat(client.expect().closing()).isEqualTo("1000");
      assertThat(client.end()).isEmpty();
    }
    assertThat(server.event()).isEqualTo("closed 1000 end");
    assertThat(server.outcome().bytes()).isEqualTo(8 + 1 + 600);
  }

  /** A ping that comes while a text is cut within a character. */
  @Test
  void aPingWithinAMessage() throws Exception {
    try (WsClient client = WsClient.open(server.port(), "/")) {
      client.frame(1, hex("e298"));
      assertThat(client.frame(FIN | 9, new byte[125]).expect().payload()).hasSize(125);
      assertThat(client.frame(FIN, hex("83")).expect().text()).isEqualTo("\u2603");
    }
    assertThat(server.event()).isEqualTo("closed 1006");
    assertThat(server.outcome().complete()).isFalse();
  }

  @Test
  void aClientThatEndsItsSideIsGone() throws Exception {
    try (WsClient client = WsClient.open(server.port(), "/")) {
      client.text("last").socket().shutdownOutput();
      assertThat(client.expect().text()).isEqualTo("last");
      assertThat(client.end()).isEmpty();
    }
    assertThat(server.event()).isEqualTo("closed 1006");
    assertThat(server.outcome().status()).isEqualTo(101);
  }

  @Test
  void manySmallMessagesInOneWrite() throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < 10_000; i++) {
      all.writeBytes(frame(FIN | 1, "message " + i));
    }
    try (WsClient client = WsClient.open(server.port(), "/")) {
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  client.raw(all.toByteArray());
                } catch (java.io.IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      for (int i = 0; i < 10_000; i++) {
        assertThat(client.expect().text()).isEqualTo("message " + i);
      }
      sender.join();
    }
    assertThat(server.event()).isEqualTo("closed 1006");
    server.outcome();
  }
}
