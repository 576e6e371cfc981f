package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.h2.FrameClient.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What answers look like as frames. */
@ExtendWith(NoLeaks.class)
class ResponseTest {
  private static final int INTERNAL_ERROR = 2;
  private static final int INITIAL_WINDOW = 4;

  private static Answer ask(Served.Application application, String method)
      throws IOException, InterruptedException {
    try (Served served = new Served(application);
        FrameClient client = served.connect()) {
      client.headers(1, true, FrameClient.request(method, "/"));
      Answer answer = client.answer(1);
      assertThat(served.failures).isEmpty();
      Outcome outcome = served.outcome();
      assertThat(outcome.complete()).isEqualTo(answer.reset() == null);
      assertThat(served.outcomes).isEmpty();
      return answer;
    }
  }

  private static Answer ask(Served.Application application)
      throws IOException, InterruptedException {
    return ask(application, "GET");
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @Test
  void aWholeAnswerIsAHeadAndOneFrame() throws Exception {
    Answer answer =
        ask(exchange -> exchange.respond(Served.head(200, "X-Some", "Value"), Served.bytes("abc")));
    assertThat(answer.text()).isEqualTo("abc");
    assertThat(answer.dataFrames()).isEqualTo(1);
    assertThat(answer.headers())
        .extracting(Map.Entry::getKey)
        .containsExactly(":status", "x-some", "date", "server", "content-length");
    assertThat(answer.header("x-some")).isEqualTo("Value");
    assertThat(answer.header("content-length")).isEqualTo("3");
    assertThat(answer.header("server")).isEqualTo("sluice");
    assertThat(answer.header("date"))
        .matches("\\w{3}, \\d{2} \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT");
  }

  @Test
  void dateAndServerOfTheApplicationAreKept() throws Exception {
    Answer answer =
        ask(exchange -> {
          ResponseHead head = Served.head(200, "Date", "today", "Server", "mine");
          head.declareDate();
          head.declareServer();
          exchange.respond(head, Served.bytes(""));
        });
    assertThat(answer.headers())
        .containsOnlyOnce(Map.entry("date", "today"), Map.entry("server", "mine"))
        .hasSize(4);
  }

  @Test
  void anEmptyAnswerEndsWithItsHead() throws Exception {
    Answer answer = ask(exchange -> exchange.respond(Served.head(200), Served.bytes("")));
    assertThat(answer.header("content-length")).isEqualTo("0");
    assertThat(answer.dataFrames()).isZero();
  }

  @Test
  void headersOfHttp1ConnectionsAreDropped() throws Exception {
    Answer answer =
        ask(exchange ->
            exchange.respond(
                Served.head(
                    200,
                    "Connection",
                    "close",
                    "Keep-Alive",
                    "timeout=5",
                    "Transfer-Encoding",
                    "chunked",
                    "Upgrade",
                    "h2c",
                    "Proxy-Connection",
                    "close",
                    "X-Kept",
                    " yes\t"),
                Served.bytes("a")));
    assertThat(answer.headers())
        .extracting(Map.Entry::getKey)
        .containsExactly(":status", "x-kept", "date", "server", "content-length");
    assertThat(answer.header("x-kept")).isEqualTo("yes");
  }

  @Test
  void anAnswerInPieces() throws Exception {
    Answer answer =
        ask(exchange -> {
          exchange.begin(Served.head(200));
          for (String piece : "a,bc,,def".split(",", -1)) {
            exchange.write(Served.bytes(piece));
          }
          exchange.end();
        });
    assertThat(answer.text()).isEqualTo("abcdef");
    assertThat(answer.header("content-length")).isNull();
  }

  @Test
  void anAnswerThatHasBegunAndEndsWithoutAPieceHasAnEmptyBody() throws Exception {
    Answer answer =
        ask(exchange -> {
          exchange.begin(Served.head(200));
          exchange.end();
        });
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void trailersComeLast() throws Exception {
    Answer answer =
        ask(exchange -> {
          exchange.begin(Served.head(200));
          exchange.write(Served.bytes("abc"));
          exchange.end(Served.head(200, "X-Sum", "6", "Connection", "close"));
        });
    assertThat(answer.text()).isEqualTo("abc");
    assertThat(answer.trailers()).containsExactly(Map.entry("x-sum", "6"));
  }

  @Test
  void informationalAnswersGoAhead() throws Exception {
    Answer answer =
        ask(exchange -> {
          exchange.inform(Served.head(103, "Link", "</a>; rel=preload"));
          exchange.inform(Served.head(102));
          Served.ok(exchange);
        });
    assertThat(answer.informational()).containsExactly(103, 102);
    assertThat(answer.status()).isEqualTo(200);
  }

  @Test
  void anAnswerToHeadHasItsLengthAndNoBody() throws Exception {
    Answer whole = ask(Served::ok, "HEAD");
    assertThat(whole.header("content-length")).isEqualTo("4");
    assertThat(whole.dataFrames()).isZero();
    Answer pieces =
        ask(
            exchange -> {
              exchange.begin(Served.head(200, "Content-Length", "1000"));
              exchange.write(Served.bytes("ignored"));
              exchange.end();
            },
            "HEAD");
    assertThat(pieces.header("content-length")).isEqualTo("1000");
    assertThat(pieces.body()).isEmpty();
    Answer begun =
        ask(
            exchange -> {
              exchange.begin(Served.head(200));
              exchange.end();
            },
            "HEAD");
    assertThat(begun.dataFrames()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 304})
  void someStatusesHaveNoBody(int status) throws Exception {
    Answer answer = ask(exchange -> exchange.respond(Served.head(status), Served.bytes("no")));
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("content-length")).isNull();
    assertThat(answer.dataFrames()).isZero();
  }

  @Test
  void aFinalAnswerIsNeverInformational() throws Exception {
    Answer answer = ask(exchange -> exchange.respond(Served.head(101), Served.bytes("")));
    assertThat(answer.reset()).isEqualTo(INTERNAL_ERROR);
    assertThat(answer.headers()).isEmpty();
  }

  @Test
  void anAnswerShorterThanDeclaredIsReset() throws Exception {
    Answer whole =
        ask(exchange ->
            exchange.respond(Served.head(200, "Content-Length", "9"), Served.bytes("abc")));
    assertThat(whole.reset()).isEqualTo(INTERNAL_ERROR);
    assertThat(whole.text()).isEqualTo("abc");
    Answer pieces =
        ask(exchange -> {
          exchange.begin(Served.head(200, "Content-Length", "9"));
          exchange.write(Served.bytes("abc"));
          exchange.end();
        });
    assertThat(pieces.reset()).isEqualTo(INTERNAL_ERROR);
    assertThat(pieces.text()).isEqualTo("abc");
  }

  @Test
  void anAnswerLongerThanDeclaredIsCutOff() throws Exception {
    try (Served served =
            new Served(exchange -> {
              exchange.begin(Served.head(200, "Content-Length", "4"));
              exchange.write(Served.bytes("abc"));
              exchange.write(Served.bytes("def"));
              exchange.end();
            });
        FrameClient client = served.connect()) {
      client.get(1, "/");
      Answer answer = client.answer(1);
      assertThat(answer.reset()).isNull();
      assertThat(answer.text()).isEqualTo("abcd");
      assertThat(served.outcome().complete())
          .isFalse(); // as over HTTP/1: it was not what was meant
    }
  }

  @Test
  void anAbortIsAReset() throws Exception {
    Answer before = ask(Exchange::abort);
    assertThat(before.reset()).isEqualTo(INTERNAL_ERROR);
    Answer after =
        ask(exchange -> {
          exchange.begin(Served.head(200));
          exchange.write(Served.bytes("abc"));
          exchange.abort();
        });
    assertThat(after.status()).isEqualTo(200);
    assertThat(after.reset()).isEqualTo(INTERNAL_ERROR);
  }

  @Test
  void whoeverTakesOverAnswersOnce() throws Exception {
    Answer fresh =
        ask(exchange -> {
          assertThat(exchange.takeOver(504, "too late")).isTrue();
          assertThat(exchange.isOpen()).isFalse();
          exchange.respond(Served.head(200), Served.bytes("no effect"));
        });
    assertThat(fresh.status()).isEqualTo(504);
    assertThat(fresh.text()).isEqualTo("too late\n");
    Answer begun =
        ask(exchange -> {
          exchange.begin(Served.head(200));
          exchange.write(Served.bytes("abc"));
          assertThat(exchange.takeOver(504, "too late")).isTrue();
        });
    assertThat(begun.reset()).isEqualTo(INTERNAL_ERROR);
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
        ask(exchange -> {
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
        ask(exchange -> {
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

  @Test
  void cookiesOfTheApplicationStayOutOfTheTable() throws Exception {
    try (Served served =
            new Served(exchange ->
                exchange.respond(
                    Served.head(200, "Set-Cookie", "secret=1", "X-Same", "1"), Served.bytes("")));
        FrameClient client = served.connect()) {
      client.get(1, "/");
      Frame first = client.awaitType(Frame.HEADERS);
      client.decode(first);
      client.get(3, "/");
      Frame second = client.awaitType(Frame.HEADERS);
      assertThat(client.decode(second)).contains(Map.entry("set-cookie", "secret=1"));
      String wire = new String(second.payload(), StandardCharsets.ISO_8859_1);
      assertThat(wire).contains("secret=1").doesNotContain("x-same");
    }
  }
}
