package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.http.connection.BodyMode;
import dev.sluice.server.http.connection.HttpLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients of HTTP/2 that take a request back, leave, or take their answer; bodies that are polled.
 */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class DepartureTest {
  private final BlockingQueue<Exchange> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final Served served = new Served(HttpLimits.DEFAULT, BodyMode.STREAM_ALL, this::accept);

  @AfterEach
  void stop() {
    served.close();
  }

  private void accept(Exchange exchange) {
    exchange.whenGone(() -> note("gone"));
    exchange.whenInputEnded(() -> note("silent"));
    requests.add(exchange);
  }

  private void note(String what) {
    boolean onIoThread = Thread.currentThread().getName().equals("sluice-io-1");
    told.add(onIoThread ? what : what + " on another thread");
  }

  private Exchange next() throws InterruptedException {
    Exchange next = requests.poll(10, TimeUnit.SECONDS);
    assertThat(next).as("a request").isNotNull();
    return next;
  }

  private void assertTold(String... what) throws InterruptedException {
    for (String one : what) {
      assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(one);
    }
  }

  private List<String> told(int count) throws InterruptedException {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(String.valueOf(told.poll(10, TimeUnit.SECONDS)));
    }
    return all;
  }

  private void assertNothingTold() throws InterruptedException {
    assertThat(told.poll(300, TimeUnit.MILLISECONDS)).isNull();
  }

  private static String poll(Exchange exchange) {
    ByteBuffer target = ByteBuffer.allocate(100_000);
    try {
      int size = exchange.body().poll(target);
      return size < 0 ? "end" : Integer.toString(size);
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRequestThatIsTakenBack(boolean connection) throws Exception {
    try (FrameClient client = served.connect()) {
      client.get(1, "/");
      Exchange first = next();
      client.post(3, "/").data(3, false, new byte[10]);
      Exchange second = next();
      assertNothingTold();
      if (connection) {
        client.close();
        assertThat(told(4)).containsOnly("silent", "gone").hasSize(4);
        assertThat(first.isOpen()).isFalse();
      } else {
        client.reset(3);
        assertTold("silent", "gone");
        assertNothingTold();
        assertThat(first.isOpen()).isTrue();
      }
      assertThat(second.isOpen()).isFalse();
      assertThat(poll(second)).isEqualTo("10");
      assertThat(poll(second)).isEqualTo("the client has taken the request back");
      first.abort();
      second.abort();
      assertNothingTold();
    }
  }

  @Test
  void afterTheResponseNobodyIsTold() throws Exception {
    try (FrameClient client = served.connect()) {
      client.get(1, "/");
      Exchange exchange = next();
      Served.ok(exchange);
      assertThat(client.answer(1).text()).isEqualTo("fine");
      exchange.whenGone(() -> note("late"));
      client.close();
      assertNothingTold();
    }
  }

  @Test
  void whoClosesItsSideStillGetsItsAnswer() throws Exception {
    try (FrameClient client = served.connect()) {
      client.get(1, "/");
      Exchange exchange = next();
      client.endSending();
      assertTold("silent");
      assertNothingTold();
      Served.ok(exchange);
      assertThat(client.answer(1, false).text()).isEqualTo("fine");
    }
  }

  @Test
  void aBodyIsPolledWhileItArrives() throws Exception {
    try (FrameClient client = served.connect()) {
      client.post(1, "/", "expect", "100-continue");
      Exchange exchange = next();
      exchange.body().whenReadable(() -> note("readable"));
      assertThat(client.awaitType(Frame.HEADERS).stream()).isEqualTo(1);
      assertThat(told).isEmpty();
      client.data(1, false, new byte[10]);
      assertTold("readable");
      assertThat(exchange.body().available()).isEqualTo(10);
      assertThat(poll(exchange)).isEqualTo("10");
      assertThat(poll(exchange)).isEqualTo("0");
      exchange.body().whenReadable(() -> note("end"));
      client.data(1, true);
      assertTold("end");
      assertThat(poll(exchange)).isEqualTo("end");
      Served.ok(exchange);
      assertThat(client.answer(1).status()).isEqualTo(200);
    }
  }

  @Test
  void oneWhoTakesItsAnswerIsSeen() throws Exception {
    try (FrameClient client = served.connect()) {
      client.get(1, "/");
      Exchange exchange = next();
      exchange.begin(Served.head(200));
      while (!exchange.isCongested()) {
        exchange.write(ByteBuffer.wrap(new byte[64 * 1024]));
      }
      exchange.whenWritable(() -> note("writable"));
      assertNothingTold();
      exchange.end();
      assertThat(client.answer(1).body().length).isGreaterThan(256 * 1024);
      assertTold("writable");
      client.get(3, "/");
      exchange = next();
      exchange.begin(Served.head(200));
      while (!exchange.isCongested()) {
        exchange.write(ByteBuffer.wrap(new byte[64 * 1024]));
      }
      exchange.whenWritable(() -> note("writable"));
      client.reset(3);
      assertThat(told(3)).containsOnly("silent", "gone", "writable").hasSize(3);
      exchange.abort();
    }
  }
}
