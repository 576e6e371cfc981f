package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.http.BindAddress;
import dev.sluice.server.http.HttpServer;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.h2.FrameClient.Answer;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which frames may stand behind RST_STREAM, and on which streams it may be sent. */
@ExtendWith(NoLeaks.class)
class ResetTest {
  private static final int FRAME_SIZE_ERROR = 6;
  private static final int INTERNAL_ERROR = 2;
  private static final int CANCEL = 8;
  private static final int PADDED = 8;
  private static final int INITIAL_WINDOW = 4;

  /** All of it within one turn of the IO thread, so that the data has not gone out yet. */
  private static boolean breakOff(Exchange exchange) {
    exchange.begin(Served.head(200));
    exchange.write(Served.bytes("never sent"));
    exchange.abort();
    return true;
  }

  @Test
  void noDataGoesOutBehindIt() throws Exception {
    Serving serving = Serving.plain(HttpLimits.DEFAULT, ResetTest::breakOff);
    try (HttpServer server = new HttpServer(serving, 1)) {
      server.bind(new BindAddress.Tcp("127.0.0.1", 0));
      try (FrameClient client = FrameClient.open(URI.create(server.urls().getFirst()).getPort())) {
        client.get(1, "/").frame(Frame.PING, 0, 0, new byte[8]);
        assertThat(client.awaitType(Frame.RST_STREAM).resetCode()).isEqualTo(INTERNAL_ERROR);
        client.frame(Frame.PING, 0, 0, new byte[] {1, 1, 1, 1, 1, 1, 1, 1});
        Frame next =
            client.await(frame ->
                frame.stream() == 1 || (frame.type() == Frame.PING && frame.payload()[0] == 1));
        assertThat(next.type()).isEqualTo(Frame.PING);
      }
    }
  }

  /** RFC 9113, 6.4: there is nothing to reset, and a client takes it for an error. */
  @Test
  void aMalformedFrameOnAStreamThatWasNeverOpenedEndsTheConnection() throws Exception {
    try (Served served = new Served(Served::ok);
        FrameClient client = served.connect()) {
      client.frame(Frame.DATA, PADDED, 121);
      assertThat(client.awaitGoAway()).isEqualTo(FRAME_SIZE_ERROR);
    }
  }

  /**
   * A refused head is no request yet; but its answer waits for the client no longer than others.
   */
  @Test
  void aRefusalThatFindsNoWindowIsGivenUp() throws Exception {
    TestLimits limits = new TestLimits();
    limits.headerBytes = 1000;
    limits.send = Duration.ofMillis(300);
    try (Served served = new Served(limits.build(), false, Served::ok);
        FrameClient client = served.connect(INITIAL_WINDOW, 0)) {
      client.get(1, "/", "x-large", "y".repeat(900));
      Answer answer = client.answer(1, false);
      assertThat(answer.status()).isEqualTo(431);
      assertThat(answer.reset()).isEqualTo(CANCEL);
    }
  }
}
