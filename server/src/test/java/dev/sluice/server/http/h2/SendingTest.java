package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.http.h2.FrameClient.Answer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Answers that are larger than what the client takes at a time, and clients that go away. */
@ExtendWith(NoLeaks.class)
class SendingTest {
  private static final int INTERNAL_ERROR = 2;
  private static final int INITIAL_WINDOW = 4;

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @Test
  void aLargeAnswerKeepsToTheWindows() throws Exception {
    byte[] body = random(1_000_000);
    try (Served served =
            new Served(exchange -> exchange.respond(Served.head(200), ByteBuffer.wrap(body)));
        FrameClient client = served.connect(INITIAL_WINDOW, 100)) {
      client.get(1, "/");
      client.awaitType(Frame.HEADERS);
      assertThat(client.awaitType(Frame.DATA).payload()).hasSize(100);
      client.windowUpdate(1, 50);
      assertThat(client.awaitType(Frame.DATA).payload()).hasSize(50);
      client.windowUpdate(1, 1 << 20);
      int seen = 150;
      while (seen < 65_535) {
        Frame frame = client.awaitType(Frame.DATA);
        assertThat(frame.payload().length).isLessThanOrEqualTo(16 * 1024);
        seen += frame.payload().length;
      }
      assertThat(seen).isEqualTo(65_535); // the connection's window is used up
      client.windowUpdate(0, 1 << 20);
      while (seen < body.length) {
        seen += client.awaitType(Frame.DATA).payload().length;
      }
      assertThat(served.outcome().complete()).isTrue();
    }
  }

  @Test
  void streamsShareTheConnection() throws Exception {
    byte[] body = random(500_000);
    try (Served served =
            new Served(exchange -> exchange.respond(Served.head(200), ByteBuffer.wrap(body)));
        FrameClient client = served.connect(INITIAL_WINDOW, 1 << 20)) {
      client.get(1, "/").get(3, "/");
      client.awaitType(Frame.HEADERS);
      client.awaitType(Frame.HEADERS);
      client.windowUpdate(0, 1 << 20);
      int[] seen = new int[4];
      while (seen[1] < body.length && seen[3] < body.length) {
        Frame frame = client.awaitType(Frame.DATA);
        seen[frame.stream()] += frame.payload().length;
      }
      assertThat(Math.min(seen[1], seen[3])).isGreaterThan(body.length / 4);
    }
  }

  @Test
  void aSlowReaderHoldsUpWhoeverWrites() throws Exception {
    AtomicLong written = new AtomicLong();
    AtomicBoolean congested = new AtomicBoolean();
    CountDownLatch waits = new CountDownLatch(1);
    byte[] piece = random(16 * 1024);
    try (Served served =
            new Served(exchange -> {
              exchange.begin(Served.head(200));
              while (written.get() < 4_000_000) {
                exchange.write(ByteBuffer.wrap(piece));
                written.addAndGet(piece.length);
                if (exchange.isCongested()) {
                  congested.set(true);
                  waits.countDown();
                  exchange.awaitWritable();
                }
              }
              exchange.end();
            });
        FrameClient client = served.connect(INITIAL_WINDOW, 1000)) {
      client.get(1, "/");
      waits.await();
      assertThat(written.get()).isLessThan(400_000);
      client.windowUpdate(1, 1 << 20).windowUpdate(0, 1 << 20);
      assertThat(client.answer(1).body()).hasSizeGreaterThanOrEqualTo(4_000_000);
      assertThat(congested).isTrue();
    }
  }

  @Test
  void filesAreSentAsTheWindowOpens(@TempDir Path folder) throws Exception {
    byte[] content = random(1_000_000);
    Path file = Files.write(folder.resolve("file"), content);
    Answer answer =
        Answers.to(exchange -> {
          exchange.begin(Served.head(200));
          exchange.write(Served.bytes("before "));
          exchange.write(new FilePart(FileChannel.open(file), 10, 900_000));
          exchange.write(Served.bytes(" between "));
          exchange.write(new FilePart(FileChannel.open(file), 0, 5));
          exchange.end(Served.head(200, "x-sum", "1"));
        });
    assertThat(answer.reset()).isNull();
    assertThat(answer.body()).hasSize(7 + 900_000 + 9 + 5);
    ByteBuffer body = ByteBuffer.wrap(answer.body());
    assertThat(body.slice(0, 7)).isEqualTo(Served.bytes("before "));
    assertThat(body.slice(7, 900_000)).isEqualTo(ByteBuffer.wrap(content, 10, 900_000));
    assertThat(body.slice(900_007, 9)).isEqualTo(Served.bytes(" between "));
    assertThat(body.slice(900_016, 5)).isEqualTo(ByteBuffer.wrap(content, 0, 5));
    assertThat(answer.trailers()).hasSize(1);
  }

  @Test
  void aFileThatHasBecomeShorterIsReset(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("file"), random(100_000));
    Answer answer =
        Answers.to(exchange -> {
          exchange.begin(Served.head(200));
          exchange.write(new FilePart(FileChannel.open(file), 0, 200_000));
          exchange.end();
        });
    assertThat(answer.reset()).isEqualTo(INTERNAL_ERROR);
  }

  @Test
  void aFileIsClosedWhenTheClientTakesTheRequestBack(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("file"), random(1_000_000));
    FileChannel channel = FileChannel.open(file);
    try (Served served =
            new Served(exchange -> {
              exchange.begin(Served.head(200));
              exchange.write(new FilePart(channel, 0, 1_000_000));
              exchange.end();
            });
        FrameClient client = served.connect(INITIAL_WINDOW, 1000)) {
      client.get(1, "/");
      client.awaitType(Frame.DATA);
      assertThat(channel.isOpen()).isTrue();
      client.reset(1);
      assertThat(served.outcome().complete()).isFalse();
      client.get(3, "/"); // and whatever was to be done for the first one has been done
      client.awaitType(Frame.HEADERS);
      assertThat(channel.isOpen()).isFalse();
    }
  }

  @Test
  void aClientThatTakesItsRequestBackIsGone() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch gone = new CountDownLatch(1);
    try (Served served =
            new Served(exchange -> {
              if (!exchange.request().target().equals("/gone")) {
                Served.ok(exchange);
                return;
              }
              asked.countDown();
              while (exchange.isOpen()) {
                Thread.onSpinWait();
              }
              gone.countDown();
              Served.ok(exchange);
            });
        FrameClient client = served.connect()) {
      client.get(1, "/gone");
      asked.await();
      client.reset(1);
      gone.await();
      Outcome outcome = served.outcome();
      assertThat(outcome.complete()).isFalse();
      assertThat(outcome.status()).isIn(499, 200);
      client.get(3, "/");
      assertThat(client.await(frame -> frame.type() != Frame.WINDOW_UPDATE).stream()).isEqualTo(3);
      assertThat(served.outcome().complete()).isTrue();
      assertThat(served.outcomes).isEmpty();
    }
  }
}
