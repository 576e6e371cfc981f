package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Outcome;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.handler.codec.http2.Http2Error;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that send much that costs them little. */
@ExtendWith(NoLeaks.class)
class FloodTest {
  private static final int CALM = (int) Http2Error.ENHANCE_YOUR_CALM.code();
  private static final int REFUSED_STREAM = (int) Http2Error.REFUSED_STREAM.code();

  /** Sends until the server ends the connection; gives the error code it named. */
  interface Flood {
    void send(FrameClient client, int round) throws IOException;
  }

  static Stream<Arguments> floods() {
    return Stream.of(
        Arguments.of(
            "pings", 1001, (Flood) (client, round) -> client.frame(Frame.PING, 0, 0, new byte[8])),
        Arguments.of(
            "answers to pings that were not sent",
            1001,
            (Flood) (client, round) -> client.frame(Frame.PING, Frame.ACK, 0, new byte[8])),
        Arguments.of("settings", 101, (Flood) (client, round) -> client.settings(4, 65_535)),
        Arguments.of(
            "priorities",
            1001,
            (Flood)
                (client, round) ->
                    client.frame(Frame.PRIORITY, 0, 2 * round + 1, new byte[] {0, 0, 0, 0, 16})),
        Arguments.of(
            "unknown frames",
            1001,
            (Flood) (client, round) -> client.frame(0x77, 0, 0, new byte[10])),
        Arguments.of("resets of closed streams", 201, (Flood) (client, round) -> client.reset(1)),
        Arguments.of(
            "malformed requests",
            201,
            (Flood)
                (client, round) ->
                    client.headers(2 * round + 3, true, "x", "no pseudo-header fields")),
        Arguments.of("empty data", 201, (Flood) (client, round) -> client.data(1, false)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("floods")
  void floodsEndTheConnection(String name, int most, Flood flood) throws Exception {
    boolean needsOpenStream = name.equals("empty data");
    try (Served served = new Served(Served::ok);
        FrameClient client = served.connect()) {
      if (needsOpenStream) {
        client.post(1, "/");
      } else {
        client.get(1, "/");
        client.answer(1);
      }
      for (int round = 0; round < most; round++) {
        flood.send(client, round);
      }
      assertThat(client.awaitGoAway()).isEqualTo(CALM);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("floods")
  void aLittleOfItIsAllowed(String name, int most, Flood flood) throws Exception {
    try (Served served = new Served(Served::ok);
        FrameClient client = served.connect()) {
      if (name.equals("empty data")) {
        client.post(1, "/");
      } else {
        client.get(1, "/");
        client.answer(1);
      }
      for (int round = 0; round < most / 2; round++) {
        flood.send(client, round);
      }
      client.get(9001, "/");
      assertThat(client.answer(9001).status()).isEqualTo(200);
    }
  }

  /** CVE-2023-44487. */
  @Test
  void rapidResetEndsTheConnectionAndNeverHasMoreThanTheLimitAtWork() throws Exception {
    AtomicInteger atWork = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(1);
    TestLimits limits = new TestLimits();
    limits.streams = 10;
    try (Served served =
            new Served(
                limits.build(),
                false,
                exchange -> {
                  most.accumulateAndGet(atWork.incrementAndGet(), Math::max);
                  done.await();
                  atWork.decrementAndGet();
                  Served.ok(exchange);
                });
        FrameClient client = served.connect()) {
      for (int stream = 1; stream <= 2 * 201; stream += 2) {
        client.get(stream, "/").reset(stream);
      }
      assertThat(client.awaitGoAway()).isEqualTo(CALM);
      done.countDown();
      for (int i = 0; i < most.get(); i++) {
        assertThat(served.outcome().complete()).isFalse();
      }
      assertThat(most).hasValueLessThanOrEqualTo(10);
      assertThat(served.outcomes).isEmpty();
    }
  }

  @Test
  void resetsAmongManyAnswersAreNoAttack() throws Exception {
    try (Served served = new Served(Served::ok);
        FrameClient client = served.connect()) {
      int stream = 1;
      for (int round = 0; round < 300; round++) {
        for (int i = 0; i < 3; i++, stream += 2) {
          client.get(stream, "/");
          client.answer(stream);
        }
        client.get(stream, "/").reset(stream);
        stream += 2;
      }
      client.get(stream, "/");
      assertThat(client.answer(stream).status()).isEqualTo(200);
    }
  }

  @Test
  void streamsBeyondTheLimitAreRefusedAndMayBeTriedAgain() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    TestLimits limits = new TestLimits();
    limits.streams = 2;
    try (Served served =
            new Served(
                limits.build(),
                false,
                exchange -> {
                  done.await();
                  Served.ok(exchange);
                });
        FrameClient client = served.connect()) {
      client.get(1, "/").get(3, "/").get(5, "/");
      assertThat(client.answer(5).reset()).isEqualTo(REFUSED_STREAM);
      done.countDown();
      client.await(frame -> frame.type() == Frame.DATA && frame.has(Frame.END_STREAM));
      client.await(frame -> frame.type() == Frame.DATA && frame.has(Frame.END_STREAM));
      client.get(7, "/");
      assertThat(client.answer(7).status()).isEqualTo(200);
    }
  }

  @Test
  void aClientThatDoesNotKnowTheLimitYetIsNoAttacker() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (Served served =
            new Served(exchange -> {
              done.await();
              Served.ok(exchange);
            });
        FrameClient client = new FrameClient(served.port())) {
      client.raw(FrameClient.PREFACE).settings();
      for (int stream = 1; stream < 2 * 400; stream += 2) {
        client.post(stream, "/").data(stream, true, new byte[10]);
      }
      client.frame(Frame.SETTINGS, Frame.ACK, 0);
      done.countDown();
      int refused = 0;
      int answered = 0;
      while (refused + answered < 400) {
        Frame frame =
            client.await(f ->
                f.type() == Frame.RST_STREAM
                    || (f.has(Frame.END_STREAM) && f.type() == Frame.DATA)
                    || f.type() == Frame.GOAWAY);
        assertThat(frame.type()).isNotEqualTo(Frame.GOAWAY);
        refused += frame.type() == Frame.RST_STREAM ? 1 : 0;
        answered += frame.type() == Frame.DATA ? 1 : 0;
      }
      assertThat(answered).isGreaterThanOrEqualTo(100);
    }
  }

  /** CVE-2024-27316. */
  @Test
  void endlessHeaderBlocksEndTheConnection() throws Exception {
    try (Served served = new Served(Served::ok);
        FrameClient small = served.connect();
        FrameClient large = served.connect()) {
      small.frame(Frame.HEADERS, 0, 1, FrameClient.block(FrameClient.request("GET", "/")));
      for (int i = 0; i < 20; i++) {
        small.frame(Frame.CONTINUATION, 0, 1);
      }
      assertThat(small.awaitGoAway()).isEqualTo(CALM);
      byte[] fields = FrameClient.block("x", "y".repeat(16_000));
      large.frame(Frame.HEADERS, 0, 1, FrameClient.block(FrameClient.request("GET", "/")));
      for (int i = 0; i < 8; i++) {
        large.frame(Frame.CONTINUATION, 0, 1, Arrays.copyOf(fields, 16_000));
      }
      assertThat(large.awaitGoAway()).isNotZero();
      assertThat(served.outcomes).isEmpty();
    }
  }

  /** Each use of an entry of the table costs a byte and yields 4 KiB: only the limit helps. */
  @Test
  void aCompressedBombIsRefusedWithoutBeingKept() throws Exception {
    try (Served served = new Served(Served::ok);
        FrameClient client = served.connect()) {
      byte[] added = FrameClient.block("x-bomb", "y".repeat(3900));
      added[0] = 0x40;
      byte[] request = FrameClient.block(FrameClient.request("GET", "/"));
      byte[] block = Arrays.copyOf(request, request.length + added.length + 10_000);
      System.arraycopy(added, 0, block, request.length, added.length);
      Arrays.fill(block, request.length + added.length, block.length, (byte) 0xbe);
      client.frame(Frame.HEADERS, Frame.END_HEADERS | Frame.END_STREAM, 1, block);
      assertThat(client.answer(1).status()).isEqualTo(431);
      client.get(3, "/");
      assertThat(client.answer(3).status()).isEqualTo(200);
    }
  }

  @Test
  void aTableOfTheServersHeadersStaysSmall() throws Exception {
    AtomicInteger number = new AtomicInteger();
    try (Served served =
            new Served(exchange ->
                exchange.respond(
                    Served.head(200, "x-varying", "v".repeat(1000) + number.incrementAndGet()),
                    Served.bytes("")));
        // The client offers a table of 256 MiB.
        FrameClient client = served.connect(1, 1 << 28)) {
      for (int stream = 1; stream < 20; stream += 2) {
        client.get(stream, "/");
        // The client's decoder has 4 KiB: it would fail at an entry that fell out of its table.
        assertThat(client.answer(stream).header("x-varying")).startsWith("vvv");
      }
    }
  }

  @Test
  void dataBeyondTheWindowResetsTheStream() throws Exception {
    CountDownLatch stalled = new CountDownLatch(1);
    TestLimits limits = new TestLimits();
    limits.bodyInMemory = 1;
    try (Served served =
            new Served(
                limits.build(),
                true,
                exchange -> {
                  stalled.await();
                  Served.body(exchange);
                  Served.ok(exchange);
                });
        FrameClient client = served.connect()) {
      client.post(1, "/");
      for (int i = 0; i < 64; i++) {
        client.data(1, false, new byte[16 * 1024]);
      }
      Frame end = client.awaitType(Frame.RST_STREAM);
      assertThat(end.resetCode()).isEqualTo((int) Http2Error.FLOW_CONTROL_ERROR.code());
      stalled.countDown();
      Outcome outcome = served.outcome();
      assertThat(outcome.complete()).isFalse();
    }
  }

  /** What is counted as waiting is what is in memory, however it was cut and mixed. */
  @Test
  void tinyPiecesKeepNothingElseInMemory() throws Exception {
    CountDownLatch stalled = new CountDownLatch(1);
    TestLimits limits = new TestLimits();
    limits.bodyInMemory = 1;
    try (Served served =
            new Served(
                limits.build(),
                true,
                exchange -> {
                  if (exchange.request().target().equals("/stalled")) {
                    stalled.await();
                  }
                  Served.body(exchange);
                  Served.ok(exchange);
                });
        FrameClient client = served.connect()) {
      client.post(1, "/stalled").post(3, "/read");
      long before = directMemory();
      int window = SessionHandler.STREAM_WINDOW;
      byte[] large = new byte[16 * 1024];
      for (int i = 0; i < 4_000; i++) {
        while (window < large.length) {
          Frame update = client.await(f -> f.type() == Frame.WINDOW_UPDATE && f.stream() == 3);
          window += ByteBuffer.wrap(update.payload()).getInt();
        }
        client.data(1, false, new byte[10]).data(3, false, large);
        window -= large.length;
      }
      assertThat(directMemory() - before).isLessThan(16 << 20);
      stalled.countDown();
      client.data(1, true).data(3, true);
      assertThat(client.answer(1).status()).isEqualTo(200);
    }
  }

  private static long directMemory() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  @Test
  void windowsThatOverflowAreRefused() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (Served served =
            new Served(exchange -> {
              done.await();
              Served.ok(exchange);
            });
        FrameClient client = served.connect()) {
      client.get(1, "/").windowUpdate(1, Integer.MAX_VALUE);
      assertThat(client.answer(1).reset()).isEqualTo((int) Http2Error.FLOW_CONTROL_ERROR.code());
      client.windowUpdate(0, Integer.MAX_VALUE);
      assertThat(client.awaitGoAway()).isEqualTo((int) Http2Error.FLOW_CONTROL_ERROR.code());
      done.countDown();
    }
  }

  @Test
  void aFrameThatIsTooLongEndsTheConnection() throws Exception {
    try (Served served = new Served(Served::ok);
        FrameClient client = served.connect()) {
      client.raw(new byte[] {0, 0x40, 1, 0, 0, 0, 0, 0, 1});
      assertThat(client.awaitGoAway()).isEqualTo((int) Http2Error.FRAME_SIZE_ERROR.code());
    }
  }

  @Test
  void anErrorOfTheConnectionEndsItsRequests() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (Served served =
            new Served(exchange -> {
              while (exchange.isOpen()) {
                Thread.onSpinWait();
              }
              done.countDown();
            });
        FrameClient client = served.connect()) {
      client.get(1, "/").windowUpdate(0, 0);
      assertThat(client.awaitGoAway()).isEqualTo((int) Http2Error.PROTOCOL_ERROR.code());
      done.await();
      assertThat(served.outcome().complete()).isFalse();
      assertThat(served.outcomes).isEmpty();
    } catch (EOFException e) {
      throw new AssertionError(e);
    }
  }
}
