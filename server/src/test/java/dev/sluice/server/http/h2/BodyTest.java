package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.RequestBody;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.h2.FrameClient.Answer;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How bodies of requests arrive: whole, through a file, or while they are read. */
@ExtendWith(NoLeaks.class)
class BodyTest {
  private static final int FRAME = 16 * 1024;

  /** Answers with the body. */
  private static void echo(Exchange exchange) throws IOException, InterruptedException {
    exchange.respond(Served.head(200), ByteBuffer.wrap(Served.body(exchange)));
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  /** Sends a body as the windows allow. */
  private static void send(FrameClient client, int stream, byte[] body) throws IOException {
    int streamWindow = SessionHandler.STREAM_WINDOW;
    int window = SessionHandler.CONNECTION_WINDOW;
    for (int at = 0; at < body.length; ) {
      int size = Math.min(FRAME, body.length - at);
      while (window < size || streamWindow < size) {
        Frame update = client.awaitType(Frame.WINDOW_UPDATE);
        int more = ByteBuffer.wrap(update.payload()).getInt();
        window += update.stream() == 0 ? more : 0;
        streamWindow += update.stream() == stream ? more : 0;
      }
      byte[] piece = Arrays.copyOfRange(body, at, at + size);
      at += size;
      window -= size;
      streamWindow -= size;
      client.data(stream, at == body.length, piece);
    }
  }

  /** Sends until no more window is given; a ping comes back behind what is given at once. */
  private static int pushUntilStalled(FrameClient client, int stream) throws IOException {
    int sent = 0;
    int window = SessionHandler.STREAM_WINDOW;
    while (window >= FRAME) {
      for (; window >= FRAME; window -= FRAME) {
        client.data(stream, false, new byte[FRAME]);
        sent += FRAME;
      }
      client.frame(Frame.PING, 0, 0, new byte[8]);
      for (Frame frame = client.awaitWindowOrPing(stream);
          frame.type() != Frame.PING;
          frame = client.awaitWindowOrPing(stream)) {
        window += ByteBuffer.wrap(frame.payload()).getInt();
      }
    }
    return sent;
  }

  @Test
  void aSmallBodyIsThereAsAWhole() throws Exception {
    BlockingQueue<RequestBody> bodies = new LinkedBlockingQueue<>();
    try (Served served =
            new Served(exchange -> {
              bodies.add(exchange.body());
              echo(exchange);
            });
        FrameClient client = served.connect()) {
      client.post(1, "/", "content-length", "6").data(1, false, Served.bytes("abc").array());
      client.data(1, true, Served.bytes("def").array());
      assertThat(client.answer(1).text()).isEqualTo("abcdef");
      assertThat(bodies.element().isStream()).isFalse();
      assertThat(bodies.element().file()).isNull();
    }
  }

  @Test
  void aBodyWithoutALengthMayEndWithTrailers() throws Exception {
    try (Served served = new Served(BodyTest::echo);
        FrameClient client = served.connect()) {
      client.post(1, "/").data(1, false, Served.bytes("abc").array());
      client.headers(1, true, "x-trailer", "1");
      assertThat(client.answer(1).text()).isEqualTo("abc");
    }
  }

  @Test
  void trailersHaveNoPseudoFields() throws Exception {
    try (Served served = new Served(BodyTest::echo);
        FrameClient client = served.connect()) {
      client.post(1, "/").data(1, false, Served.bytes("abc").array());
      client.headers(1, true, ":path", "/other");
      assertThat(client.answer(1).reset()).isEqualTo((int) Http2Error.PROTOCOL_ERROR.code());
      assertThat(served.outcomes).isEmpty();
    }
  }

  @Test
  void paddingIsNoPartOfTheBody() throws Exception {
    try (Served served = new Served(BodyTest::echo);
        FrameClient client = served.connect()) {
      client.post(1, "/", "content-length", "2");
      client.frame(
          Frame.DATA,
          0x8 | Frame.END_STREAM,
          1,
          (byte) 3,
          (byte) 'o',
          (byte) 'k',
          (byte) 0,
          (byte) 0,
          (byte) 0);
      assertThat(client.answer(1).text()).isEqualTo("ok");
    }
  }

  @Test
  void aLargeBodyWaitsInAFile() throws Exception {
    byte[] body = random(3_000_000);
    BlockingQueue<Boolean> inFile = new LinkedBlockingQueue<>();
    try (Served served =
            new Served(exchange -> {
              inFile.add(exchange.body().file() != null);
              echo(exchange);
            });
        FrameClient client = served.connect()) {
      client.post(1, "/");
      send(client, 1, body);
      assertThat(client.answer(1).body()).isEqualTo(body);
      assertThat(inFile.take()).isTrue();
    }
  }

  @Test
  void aLargeBodyInTinyPiecesWaitsInAFileToo() throws Exception {
    byte[] body = random(20_000);
    TestLimits limits = new TestLimits();
    limits.bodyInMemory = 1000;
    try (Served served = new Served(limits.build(), false, BodyTest::echo);
        FrameClient client = served.connect()) {
      client.post(1, "/");
      for (int at = 0; at < body.length; at += 7) {
        client.data(1, false, Arrays.copyOfRange(body, at, Math.min(at + 7, body.length)));
      }
      client.data(1, true);
      assertThat(client.answer(1).body()).isEqualTo(body);
    }
  }

  @Test
  void aLargeBodyIsReadWhileItArrivesIfTheServerSaysSo() throws Exception {
    byte[] body = random(3_000_000);
    BlockingQueue<Boolean> streamed = new LinkedBlockingQueue<>();
    try (Served served =
            new Served(
                HttpLimits.DEFAULT,
                true,
                exchange -> {
                  streamed.add(exchange.body().isStream());
                  echo(exchange);
                });
        FrameClient client = served.connect()) {
      client.post(1, "/", "content-length", Integer.toString(body.length));
      send(client, 1, body);
      assertThat(client.answer(1).body()).isEqualTo(body);
      assertThat(streamed.take()).isTrue();
    }
  }

  @Test
  void aStalledApplicationStopsItsOwnStreamOnly() throws Exception {
    CountDownLatch stalled = new CountDownLatch(1);
    byte[] body = random(2_000_000);
    try (Served served =
            new Served(
                HttpLimits.DEFAULT,
                true,
                exchange -> {
                  if (exchange.request().target().equals("/stalled")) {
                    stalled.await();
                  }
                  echo(exchange);
                });
        FrameClient client = served.connect()) {
      client.post(1, "/stalled");
      int sent = pushUntilStalled(client, 1);
      assertThat(sent).isLessThanOrEqualTo(256 * 1024 + SessionHandler.STREAM_WINDOW + FRAME);
      client.post(3, "/other");
      send(client, 3, body);
      assertThat(client.answer(3).body()).isEqualTo(body);
      stalled.countDown();
      client.await(frame -> frame.type() == Frame.WINDOW_UPDATE && frame.stream() == 1);
    }
  }

  @Test
  void leaveToSendIsGivenWhenTheBodyIsRead() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    try (Served served =
            new Served(exchange -> {
              asked.await();
              echo(exchange);
            });
        FrameClient client = served.connect()) {
      client.post(1, "/", "expect", "100-continue", "content-length", "3");
      client.frame(Frame.PING, 0, 0, new byte[8]);
      client.await(frame -> {
        assertThat(frame.type()).isNotEqualTo(Frame.HEADERS);
        return frame.type() == Frame.PING;
      });
      asked.countDown();
      Frame leave = client.awaitType(Frame.HEADERS);
      assertThat(client.decode(leave)).containsExactly(Map.entry(":status", "100"));
      assertThat(leave.has(Frame.END_STREAM)).isFalse();
      client.data(1, true, Served.bytes("abc").array());
      assertThat(client.answer(1).text()).isEqualTo("abc");
    }
  }

  @Test
  void aBodyThatNobodyReadsIsNotAskedFor() throws Exception {
    try (Served served = new Served(Served::ok);
        FrameClient client = served.connect()) {
      client.post(1, "/", "expect", "100-continue", "content-length", "3");
      Answer answer = client.answer(1);
      assertThat(answer.informational()).isEmpty();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(client.awaitType(Frame.RST_STREAM).resetCode()).isZero();
    }
  }

  @Test
  void anEarlyAnswerIsFollowedByAResetWithoutAnError() throws Exception {
    try (Served served = new Served(HttpLimits.DEFAULT, true, Served::ok);
        FrameClient client = served.connect()) {
      client.post(1, "/").data(1, false, new byte[FRAME]);
      Answer answer = client.answer(1);
      assertThat(answer.text()).isEqualTo("fine");
      Frame reset = client.awaitType(Frame.RST_STREAM);
      assertThat(reset.stream()).isEqualTo(1);
      assertThat(reset.resetCode()).isZero();
      // What was on its way then is no fault of the client's.
      client.data(1, false, new byte[FRAME]).headers(1, true, "x-trailer", "1").get(3, "/");
      Frame next = client.await(frame -> frame.type() != Frame.WINDOW_UPDATE);
      assertThat(next.stream()).isEqualTo(3);
      assertThat(served.outcome().complete()).isTrue();
    }
  }

  @Test
  void lengthsThatDoNotFitAreReset() throws Exception {
    try (Served served = new Served(BodyTest::echo);
        FrameClient client = served.connect()) {
      client.post(1, "/", "content-length", "4").data(1, true, new byte[3]);
      assertThat(client.answer(1).reset()).isEqualTo(1);
      client.post(3, "/", "content-length", "2").data(3, true, new byte[3]);
      assertThat(client.answer(3).reset()).isEqualTo(1);
      client.post(5, "/", "content-length", "4").data(5, false, new byte[3]);
      client.headers(5, true, "x-trailer", "1");
      assertThat(client.answer(5).reset()).isEqualTo(1);
      client.post(7, "/", "content-length", "3").data(7, true, new byte[3]);
      assertThat(client.answer(7).status()).isEqualTo(200);
    }
  }

  @Test
  void whoeverReadsABodyThatIsMalformedIsTold() throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    TestLimits limits = new TestLimits();
    limits.bodyInMemory = 1;
    try (Served served =
            new Served(
                limits.build(),
                true,
                exchange -> {
                  try {
                    Served.body(exchange);
                  } catch (IOException e) {
                    told.add(String.valueOf(e.getMessage()));
                  }
                });
        FrameClient client = served.connect()) {
      client.post(1, "/", "content-length", "9").data(1, true, new byte[3]);
      assertThat(client.answer(1).reset()).isEqualTo(1);
      assertThat(told.take()).contains("taken the request back");
    }
  }

  @Test
  void bodiesBeyondTheLimitAreAnswered413() throws Exception {
    TestLimits limits = new TestLimits();
    limits.requestBody = 1000;
    try (Served served = new Served(limits.build(), false, BodyTest::echo);
        FrameClient client = served.connect()) {
      client.post(1, "/", "content-length", "1001");
      assertThat(client.answer(1).status()).isEqualTo(413);
      assertThat(client.awaitType(Frame.RST_STREAM).resetCode()).isZero();
      client.post(3, "/").data(3, false, new byte[900]).data(3, false, new byte[101]);
      assertThat(client.answer(3).status()).isEqualTo(413);
      client.post(5, "/").data(5, true, new byte[1000]);
      assertThat(client.answer(5).status()).isEqualTo(200);
    }
  }

  @Test
  void anExtendedConnectIsAStreamBothWays() throws Exception {
    // (No handler asks for it yet: the server itself does not enable it.)
    try (ConnectServer served =
            new ConnectServer(exchange -> {
              exchange.begin(Served.head(200));
              exchange.write(ByteBuffer.wrap(Served.body(exchange)));
              exchange.end();
            });
        FrameClient client = new FrameClient(served.port())) {
      client.raw(FrameClient.PREFACE).settings();
      Frame settings = client.awaitType(Frame.SETTINGS);
      assertThat(new String(settings.payload(), StandardCharsets.ISO_8859_1))
          .contains("\u0000\u0008\u0000\u0000\u0000\u0001");
      client.headers(1, false, FrameClient.request("CONNECT", "/chat", ":protocol", "websocket"));
      client.data(1, false, Served.bytes("ping").array()).data(1, true);
      Answer answer = client.answer(1);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("ping");
    }
  }
}
