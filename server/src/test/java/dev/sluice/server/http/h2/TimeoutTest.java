package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.http.h2.FrameClient.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that take too long. All times are counted by a clock that ticks once a second. */
@ExtendWith(NoLeaks.class)
@Tag("slow")
class TimeoutTest {
  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final int CALM = 11;
  private static final int INITIAL_WINDOW = 4;

  private static void assertEnds(FrameClient client) throws IOException {
    long start = System.nanoTime();
    while (client.next() != null) {}
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void aConnectionThatSaysNothingIsClosed() throws Exception {
    TestLimits limits = new TestLimits();
    limits.idle = SHORT;
    try (Served served = new Served(limits.build(), false, Served::ok);
        FrameClient client = new FrameClient(served.port())) {
      assertEnds(client);
    }
  }

  @Test
  void halfAPrefaceIsClosed() throws Exception {
    TestLimits limits = new TestLimits();
    limits.header = SHORT;
    try (Served served = new Served(limits.build(), false, Served::ok);
        FrameClient half = new FrameClient(served.port());
        FrameClient withoutSettings = new FrameClient(served.port())) {
      half.raw(Arrays.copyOf(FrameClient.PREFACE, 12));
      withoutSettings.raw(FrameClient.PREFACE);
      assertEnds(half);
      assertEnds(withoutSettings);
    }
  }

  @Test
  void aConnectionWithoutRequestsIsEndedPolitely() throws Exception {
    TestLimits limits = new TestLimits();
    limits.keepAlive = SHORT;
    limits.idle = SHORT;
    try (Served served = new Served(limits.build(), false, Served::ok);
        FrameClient fresh = served.connect();
        FrameClient used = served.connect()) {
      used.get(1, "/");
      used.answer(1);
      assertThat(fresh.awaitGoAway()).isZero();
      Frame end = used.awaitType(Frame.GOAWAY);
      assertThat(end.goAwayCode()).isZero();
      assertThat(end.goAwayLast()).isEqualTo(1);
    }
  }

  @Test
  void aHeaderBlockThatDoesNotEndIsEnded() throws Exception {
    TestLimits limits = new TestLimits();
    limits.header = SHORT;
    try (Served served = new Served(limits.build(), false, Served::ok);
        FrameClient block = served.connect();
        FrameClient frame = served.connect()) {
      block.frame(Frame.HEADERS, 0, 1, FrameClient.block(FrameClient.request("GET", "/")));
      frame.raw(new byte[] {0, 0, 20, 1, 5});
      assertThat(block.awaitGoAway()).isEqualTo(CALM);
      assertThat(frame.awaitGoAway()).isEqualTo(CALM);
    }
  }

  @Test
  void aBodyThatStopsIsAnswered408AndOthersGoOn() throws Exception {
    TestLimits limits = new TestLimits();
    limits.body = SHORT;
    CountDownLatch slow = new CountDownLatch(1);
    try (Served served =
            new Served(
                limits.build(),
                false,
                exchange -> {
                  slow.await();
                  Served.ok(exchange);
                });
        FrameClient client = served.connect()) {
      client.post(1, "/").data(1, false, new byte[3]);
      client.get(3, "/");
      Answer answer = client.answer(1);
      assertThat(answer.status()).isEqualTo(408);
      assertThat(client.awaitType(Frame.RST_STREAM).resetCode()).isZero();
      slow.countDown();
      assertThat(client.answer(3).status()).isEqualTo(200);
      assertThat(served.outcome().status()).isEqualTo(408);
    }
  }

  @Test
  void aBodyThatNobodyReadsIsNotSlow() throws Exception {
    TestLimits limits = new TestLimits();
    limits.body = SHORT;
    CountDownLatch later = new CountDownLatch(1);
    try (Served served =
            new Served(
                limits.build(),
                true,
                exchange -> {
                  later.await();
                  exchange.respond(
                      Served.head(200),
                      Served.bytes(Integer.toString(Served.body(exchange).length)));
                });
        FrameClient client = served.connect()) {
      client.post(1, "/");
      int sent = 0;
      for (; sent < SessionHandler.STREAM_WINDOW; sent += 16 * 1024) {
        client.data(1, false, new byte[16 * 1024]);
      }
      Frame more = client.awaitType(Frame.WINDOW_UPDATE);
      for (int i = 0; i < ByteBuffer.wrap(more.payload()).getInt() / 16384; i++) {
        client.data(1, false, new byte[16 * 1024]);
        sent += 16 * 1024;
      }
      client.frame(Frame.PING, 0, 0, new byte[8]);
      client.awaitType(Frame.PING);
      Thread.sleep(3500); // longer than the time for a body: nothing must happen
      client.frame(Frame.PING, 0, 0, new byte[8]);
      assertThat(client.await(frame -> frame.type() != Frame.WINDOW_UPDATE).type())
          .isEqualTo(Frame.PING);
      later.countDown();
      client.data(1, true);
      assertThat(client.answer(1).text()).isEqualTo(Integer.toString(sent));
    }
  }

  @Test
  void aBodyThatTricklesIsAnswered408() throws Exception {
    TestLimits limits = new TestLimits();
    limits.uploadRate = 1000;
    limits.body = Duration.ofSeconds(5);
    try (Served served = new Served(limits.build(), false, Served::ok);
        FrameClient client = served.connect()) {
      client.post(1, "/");
      // One frame whose bytes trickle: all of them count as progress, none as a whole frame.
      client.raw(new byte[] {0, 0x3f, 0, 0, 0, 0, 0, 0, 1});
      Thread trickle =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  for (int i = 0; i < 200; i++) {
                    client.raw(new byte[30]);
                    Thread.sleep(100);
                  }
                } catch (IOException | InterruptedException e) {
                  // The test is over.
                }
              });
      Answer answer = client.answer(1);
      trickle.interrupt();
      assertThat(answer.status()).isEqualTo(408);
    }
  }

  @Test
  void aClientThatGivesNoWindowIsReset() throws Exception {
    TestLimits limits = new TestLimits();
    limits.send = SHORT;
    try (Served served =
            new Served(
                limits.build(),
                false,
                exchange ->
                    exchange.respond(Served.head(200), ByteBuffer.wrap(new byte[1_000_000])));
        FrameClient client = served.connect(INITIAL_WINDOW, 1000)) {
      client.get(1, "/");
      Answer answer = client.answer(1, false);
      assertThat(answer.reset()).isEqualTo(8);
      assertThat(answer.body()).hasSize(1000);
      Outcome outcome = served.outcome();
      assertThat(outcome.complete()).isFalse();
      assertThat(served.outcomes).isEmpty();
    }
  }

  @Test
  @Timeout(
      value = 30,
      threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a byte at a time would take minutes
  void windowsOfAByteAreNoProgress() throws Exception {
    TestLimits limits = new TestLimits();
    limits.send = Duration.ofSeconds(2);
    try (Served served =
            new Served(
                limits.build(),
                false,
                exchange -> {
                  exchange.begin(Served.head(200));
                  for (int i = 0; i < 100; i++) {
                    exchange.write(ByteBuffer.wrap(new byte[100_000]));
                    exchange.awaitWritable();
                  }
                  exchange.end();
                });
        FrameClient client = served.connect(INITIAL_WINDOW, 0)) {
      for (int stream = 1; stream < 40; stream += 2) {
        client.get(stream, "/");
      }
      Thread drip =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  while (true) {
                    for (int stream = 1; stream < 40; stream += 2) {
                      client.windowUpdate(stream, 1);
                    }
                    Thread.sleep(100);
                  }
                } catch (IOException | InterruptedException e) {
                  // The test is over.
                }
              });
      int resets = 0;
      int bytes = 0;
      while (resets < 20) {
        Frame frame = client.await(f -> f.type() == Frame.DATA || f.type() == Frame.RST_STREAM);
        resets += frame.type() == Frame.RST_STREAM ? 1 : 0;
        bytes += frame.type() == Frame.DATA ? frame.payload().length : 0;
      }
      drip.interrupt();
      assertThat(bytes).isBetween(20, 20 * 4096);
      for (int i = 0; i < 20; i++) {
        assertThat(served.outcome().complete()).isFalse();
      }
    }
  }

  @Test
  void aClientThatReadsNothingIsCutOff() throws Exception {
    TestLimits limits = new TestLimits();
    limits.send = SHORT;
    try (Served served =
            new Served(
                limits.build(),
                false,
                exchange ->
                    exchange.respond(Served.head(200), ByteBuffer.wrap(new byte[30_000_000])));
        FrameClient client = served.connect(INITIAL_WINDOW, Integer.MAX_VALUE)) {
      client.windowUpdate(0, Integer.MAX_VALUE - 70_000).get(1, "/");
      assertThat(served.outcome().complete()).isFalse();
      assertEnds(client);
    }
  }

  @Test
  void aSlowHandlerIsNobodysTimeout() throws Exception {
    TestLimits limits = new TestLimits();
    limits.idle = SHORT;
    limits.keepAlive = SHORT;
    limits.body = SHORT;
    limits.send = SHORT;
    limits.header = SHORT;
    try (Served served =
            new Served(
                limits.build(),
                false,
                exchange -> {
                  Thread.sleep(3500); // longer than every limit
                  Served.ok(exchange);
                });
        FrameClient client = served.connect()) {
      client.get(1, "/");
      assertThat(client.answer(1).status()).isEqualTo(200);
    }
  }

  /** A byte now and then is progress, but not worth the thread that waits. */
  @Test
  void aBodyThatDripsIsNotWaitedFor() throws Exception {
    TestLimits limits = new TestLimits();
    limits.body = SHORT;
    limits.uploadRate = 1;
    try (Served served =
            new Served(
                limits.build(), false, exchange -> assertThat(Served.body(exchange)).isNull());
        FrameClient client = served.connect()) {
      client.post(1, "/", "expect", "100-continue", "content-length", "60000");
      client.awaitType(Frame.HEADERS);
      Thread drip =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int i = 0; i < 10_000; i++) {
                    client.data(1, false, (byte) i);
                    Thread.sleep(50);
                  }
                } catch (IOException | InterruptedException ended) {
                  // The test has what it wants.
                }
              });
      try {
        long start = System.nanoTime();
        assertThat(client.answer(1).status()).isEqualTo(408);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
        assertThat(served.failures.take()).hasMessageContaining("too long");
      } finally {
        drip.interrupt();
        drip.join();
      }
    }
  }
}
