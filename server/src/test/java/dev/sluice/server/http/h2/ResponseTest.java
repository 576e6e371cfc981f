package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.h2.FrameClient.Answer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What answers look like as frames. */
@ExtendWith(NoLeaks.class)
class ResponseTest {
  private static final int INTERNAL_ERROR = 2;

  @Test
  void aWholeAnswerIsAHeadAndOneFrame() throws Exception {
    Answer answer =
        Answers.to(
            exchange -> exchange.respond(Served.head(200, "X-Some", "Value"), Served.bytes("abc")));
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
        Answers.to(exchange -> {
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
    Answer answer = Answers.to(exchange -> exchange.respond(Served.head(200), Served.bytes("")));
    assertThat(answer.header("content-length")).isEqualTo("0");
    assertThat(answer.dataFrames()).isZero();
  }

  @Test
  void headersOfHttp1ConnectionsAreDropped() throws Exception {
    Answer answer =
        Answers.to(exchange ->
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
        Answers.to(exchange -> {
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
        Answers.to(exchange -> {
          exchange.begin(Served.head(200));
          exchange.end();
        });
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void trailersComeLast() throws Exception {
    Answer answer =
        Answers.to(exchange -> {
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
        Answers.to(exchange -> {
          exchange.inform(Served.head(103, "Link", "</a>; rel=preload"));
          exchange.inform(Served.head(102));
          Served.ok(exchange);
        });
    assertThat(answer.informational()).containsExactly(103, 102);
    assertThat(answer.status()).isEqualTo(200);
  }

  @Test
  void anAnswerToHeadHasItsLengthAndNoBody() throws Exception {
    Answer whole = Answers.to(Served::ok, "HEAD");
    assertThat(whole.header("content-length")).isEqualTo("4");
    assertThat(whole.dataFrames()).isZero();
    Answer pieces =
        Answers.to(
            exchange -> {
              exchange.begin(Served.head(200, "Content-Length", "1000"));
              exchange.write(Served.bytes("ignored"));
              exchange.end();
            },
            "HEAD");
    assertThat(pieces.header("content-length")).isEqualTo("1000");
    assertThat(pieces.body()).isEmpty();
    Answer begun =
        Answers.to(
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
    Answer answer =
        Answers.to(exchange -> exchange.respond(Served.head(status), Served.bytes("no")));
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("content-length")).isNull();
    assertThat(answer.dataFrames()).isZero();
  }

  @Test
  void aFinalAnswerIsNeverInformational() throws Exception {
    Answer answer = Answers.to(exchange -> exchange.respond(Served.head(101), Served.bytes("")));
    assertThat(answer.reset()).isEqualTo(INTERNAL_ERROR);
    assertThat(answer.headers()).isEmpty();
  }

  @Test
  void anAnswerShorterThanDeclaredIsReset() throws Exception {
    Answer whole =
        Answers.to(exchange ->
            exchange.respond(Served.head(200, "Content-Length", "9"), Served.bytes("abc")));
    assertThat(whole.reset()).isEqualTo(INTERNAL_ERROR);
    assertThat(whole.text()).isEqualTo("abc");
    Answer pieces =
        Answers.to(exchange -> {
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
    Answer before = Answers.to(Exchange::abort);
    assertThat(before.reset()).isEqualTo(INTERNAL_ERROR);
    Answer after =
        Answers.to(exchange -> {
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
        Answers.to(exchange -> {
          assertThat(exchange.takeOver(504, "too late")).isTrue();
          assertThat(exchange.isOpen()).isFalse();
          exchange.respond(Served.head(200), Served.bytes("no effect"));
        });
    assertThat(fresh.status()).isEqualTo(504);
    assertThat(fresh.text()).isEqualTo("too late\n");
    Answer begun =
        Answers.to(exchange -> {
          exchange.begin(Served.head(200));
          exchange.write(Served.bytes("abc"));
          assertThat(exchange.takeOver(504, "too late")).isTrue();
        });
    assertThat(begun.reset()).isEqualTo(INTERNAL_ERROR);
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

  /** A file of nothing but a size; the tests have 512 MiB. */
  @Test
  void anAnswerWithoutMemoryIsReset(@TempDir Path folder) throws Exception {
    try (FileChannel sparse =
        FileChannel.open(
            folder.resolve("sparse"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      ByteBuffer vast = sparse.map(FileChannel.MapMode.READ_WRITE, 0, 1_000_000_000);
      Answer answer = Answers.to(exchange -> exchange.respond(Served.head(200), vast));
      assertThat(answer.reset()).isEqualTo(INTERNAL_ERROR);
    }
  }
}
