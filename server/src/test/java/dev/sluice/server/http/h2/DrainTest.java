package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How connections end when the server does, or the client. */
@ExtendWith(NoLeaks.class)
class DrainTest {
  private static CompletableFuture<Integer> drain(Served served, Duration limit) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return served.drain(limit);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @Test
  void requestsThatAreHereOrOnTheirWayAreAnswered() throws Exception {
    CountDownLatch finish = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    try (Served served =
            new Served(exchange -> {
              begun.countDown();
              finish.await();
              Served.ok(exchange);
            });
        FrameClient client = served.connect()) {
      client.get(1, "/");
      begun.await();
      CompletableFuture<Integer> cut = drain(served, Duration.ofSeconds(20));
      Frame announcement = client.awaitType(Frame.GOAWAY);
      assertThat(announcement.goAwayCode()).isZero();
      assertThat(announcement.goAwayLast()).isEqualTo(Integer.MAX_VALUE);
      client.get(3, "/"); // it was on its way when the server said so
      Frame ping = client.awaitType(Frame.PING);
      client.frame(Frame.PING, Frame.ACK, 0, ping.payload());
      Frame last = client.awaitType(Frame.GOAWAY);
      assertThat(last.goAwayLast()).isEqualTo(3);
      client.get(5, "/"); // too late: never begun, may be tried elsewhere
      finish.countDown();
      int answers = 0;
      for (Frame frame = client.next(); frame != null; frame = client.next()) {
        assertThat(frame.stream() == 5 && frame.type() == Frame.HEADERS).isFalse();
        answers += frame.type() == Frame.DATA && frame.has(Frame.END_STREAM) ? 1 : 0;
      }
      assertThat(answers).isEqualTo(2);
      assertThat(cut.get()).isZero();
    }
  }

  @Test
  void anIdleConnectionEndsAtOnce() throws Exception {
    try (Served served = new Served(Served::ok);
        FrameClient client = served.connect();
        FrameClient silent = served.connect()) {
      client.get(1, "/");
      client.answer(1);
      CompletableFuture<Integer> cut = drain(served, Duration.ofSeconds(20));
      Frame ping = client.awaitType(Frame.PING);
      client.frame(Frame.PING, Frame.ACK, 0, ping.payload());
      assertThat(client.awaitType(Frame.GOAWAY).goAwayLast()).isEqualTo(1);
      // The other one never answers the ping, and is not waited for longer than its two seconds.
      assertThat(cut.get()).isZero();
      while (silent.next() != null) {}
    }
  }

  @Test
  void whatTakesTooLongIsCutOff() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (Served served =
            new Served(exchange -> {
              never.await();
            });
        FrameClient client = served.connect()) {
      client.get(1, "/");
      client.frame(Frame.PING, 0, 0, new byte[8]);
      client.awaitType(Frame.PING);
      assertThat(drain(served, Duration.ofMillis(100)).get()).isEqualTo(1);
      while (client.next() != null) {}
      assertThat(served.outcome().complete()).isFalse();
      assertThat(served.outcomes).isEmpty();
    }
  }

  @Test
  void aClientThatHasSaidItsLastRequestIsAnswered() throws Exception {
    CountDownLatch finish = new CountDownLatch(1);
    try (Served served =
            new Served(exchange -> {
              finish.await();
              Served.ok(exchange);
            });
        FrameClient client = served.connect();
        FrameClient polite = served.connect()) {
      client.get(1, "/").endSending();
      polite.get(1, "/").frame(Frame.GOAWAY, 0, 0, new byte[8]);
      finish.countDown();
      assertThat(client.answer(1, false).text()).isEqualTo("fine");
      while (client.next() != null) {}
      assertThat(polite.answer(1, false).text()).isEqualTo("fine");
      while (polite.next() != null) {}
    }
  }

  @Test
  void aBodyThatCanNotBecomeWholeIsGivenUp() throws Exception {
    try (Served served = new Served(Served::ok);
        FrameClient client = served.connect()) {
      client.post(1, "/").data(1, false, new byte[3]).endSending();
      assertThat(client.answer(1).reset()).isEqualTo(8);
      while (client.next() != null) {}
      assertThat(served.outcomes).isEmpty();
    }
  }
}
