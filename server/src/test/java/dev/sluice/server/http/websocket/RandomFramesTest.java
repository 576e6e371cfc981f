package dev.sluice.server.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.http.connection.Refused;
import dev.sluice.server.http.connection.WebSocketLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The readers of frames and headers on random input; each seed always gives the same. */
class RandomFramesTest {
  private static final WebSocketLimits LIMITS = WsServer.limits(2000, 4, 0, 0);

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
  private final List<String> seen = new ArrayList<>();
  private final MessageReader messages =
      new MessageReader(
          new MessageReader.Target() {
            @Override
            public void message(boolean text, ByteBuffer payload) {
              seen.add((text ? "text " : "binary ") + StandardCharsets.ISO_8859_1.decode(payload));
            }

            @Override
            public void control(int opcode, ByteBuffer payload) {
              seen.add(opcode + " " + StandardCharsets.ISO_8859_1.decode(payload));
            }
          },
          LIMITS,
          allocator,
          new MessageInflater(true));
  private final FrameReader frames = new FrameReader(messages, true);

  /** Reads bytes in pieces of random sizes. */
  private void read(byte[] all, Random random) throws Failure {
    for (int at = 0; at < all.length; ) {
      int size = Math.min(all.length - at, 1 + random.nextInt(random.nextBoolean() ? 5 : 500));
      ByteBuf piece = allocator.directBuffer(size).writeBytes(all, at, size);
      at += size;
      try {
        while (piece.isReadable()) {
          frames.read(piece);
        }
      } finally {
        piece.release();
      }
    }
  }

  private void assertNothingIsLeft() {
    messages.close();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
    assertThat(allocator.metric().usedHeapMemory()).isZero();
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void messagesAreReadAsTheyWereSent(long seed) throws Exception {
    Random random = new Random(seed);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    List<String> expected = new ArrayList<>();
    Deflater deflater = new Deflater(6, true);
    for (int i = 0; i < 300; i++) {
      boolean text = random.nextBoolean();
      byte[] message = new byte[random.nextInt(random.nextInt(10) == 0 ? 2000 : 150)];
      random.nextBytes(message);
      if (text) {
        message = latin1(message).substring(0, message.length / 2).getBytes(StandardCharsets.UTF_8);
      }
      boolean compressed = message.length > 0 && random.nextBoolean();
      send(
          sent,
          expected,
          text ? 1 : 2,
          compressed ? deflated(deflater, message) : message,
          compressed,
          random);
      expected.add((text ? "text " : "binary ") + latin1(message));
    }
    read(sent.toByteArray(), random);
    assertThat(seen).isEqualTo(expected);
    assertNothingIsLeft();
  }

  private static byte[] deflated(Deflater deflater, byte[] message) {
    deflater.setInput(message);
    byte[] out = new byte[message.length * 2 + 100];
    return Arrays.copyOf(out, deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH) - 4);
  }

  /** In a few fragments, with pings between them. */
  private static void send(
      ByteArrayOutputStream sent,
      List<String> expected,
      int opcode,
      byte[] payload,
      boolean compressed,
      Random random) {
    int at = 0;
    int first = opcode | (compressed ? WsClient.RSV1 : 0);
    for (int left = random.nextInt(4); left > 0; left--) {
      int size = random.nextInt(payload.length - at + 1);
      sent.writeBytes(WsClient.bytes(first, Arrays.copyOfRange(payload, at, at + size)));
      first = 0;
      at += size;
      if (random.nextInt(3) == 0) {
        byte[] ping = new byte[random.nextInt(126)];
        random.nextBytes(ping);
        sent.writeBytes(WsClient.bytes(WsClient.FIN | 9, ping));
        expected.add("9 " + latin1(ping));
      }
    }
    sent.writeBytes(
        WsClient.bytes(WsClient.FIN | first, Arrays.copyOfRange(payload, at, payload.length)));
  }

  /** Good frames with a few bytes changed: read, or refused, and never anything else. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void damagedFramesAreReadOrRefused(long seed) {
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < 500; i++) {
      RandomFramesTest reader = new RandomFramesTest();
      ByteArrayOutputStream sent = new ByteArrayOutputStream();
      byte[] payload = new byte[random.nextInt(300)];
      random.nextBytes(payload);
      byte[] deflated = deflated(new Deflater(1, true), Arrays.copyOf(payload, 301));
      send(sent, new ArrayList<>(), 2, payload, false, random);
      send(sent, new ArrayList<>(), 2, deflated, true, random);
      byte[] all = sent.toByteArray();
      for (int j = random.nextInt(4); j >= 0; j--) {
        all[random.nextInt(all.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        reader.read(all, random);
      } catch (Failure e) {
        refused++;
        assertThat(CloseCodes.isValid(e.code())).isTrue();
        assertThat(CloseCodes.payload(e.code(), e.reason()).remaining()).isLessThan(126);
      }
      reader.assertNothingIsLeft();
    }
    assertThat(refused).isBetween(100, 499);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void randomHeadersAreReadOrRefused(long seed) {
    Random random = new Random(seed);
    String alphabet = "a,; \t=\"\\permessage-deflate\u00e9\u0000158";
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(12); j > 0; j--) {
        text.append(
            switch (random.nextInt(6)) {
              case 0 -> "permessage-deflate";
              case 1 -> "; server_max_window_bits=";
              default -> alphabet.charAt(random.nextInt(alphabet.length()));
            });
      }
      try {
        for (Tokens.Element element : Tokens.list(text.toString())) {
          assertThat(Tokens.isToken(element.name())).isTrue();
        }
        Deflation.of(Tokens.list(text.toString()));
        read++;
      } catch (Refused e) {
        assertThat(e.status()).isEqualTo(400);
      }
    }
    assertThat(read).isBetween(100, 19_900);
  }
}
