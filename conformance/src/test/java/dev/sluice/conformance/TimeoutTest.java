package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Microthreads;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.io.UncheckedIOException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nobody keeps a connection without using it: each phase of a request has its time. The server
 * looks at its clock once a second, so that each end comes up to two seconds late. The tests mostly
 * wait, and so do it at the same time.
 */
@Execution(ExecutionMode.CONCURRENT)
class TimeoutTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server =
        Server.of("streams_app:app")
            .options("--timeout-idle", "1", "--timeout-keep-alive", "4", "--timeout-header", "2")
            .options("--timeout-body", "1", "--timeout-send", "2", "--limit-upload-rate", "1000")
            .options("--request-body", "stream", "--limit-body-in-memory", "1K", "--threads", "16")
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log()).doesNotContain("\tat ");
  }

  private static double secondsUntilClosed(Connection connection) {
    long start = System.nanoTime();
    assertThat(connection.closedByPeer()).as("closed").isTrue();
    return (System.nanoTime() - start) / 1e9;
  }

  private static void assertTimedOut(Connection connection) {
    Response response = connection.read();
    assertThat(response.status()).as(response.toString()).isEqualTo(408);
    assertThat(response.header("Connection")).isEqualTo("close");
    assertThat(connection.closedByPeer()).isTrue();
  }

  /** Sends the text again and again until the server has had enough; the seconds that took. */
  private static double drip(Connection connection, String text, int most) throws Exception {
    long start = System.nanoTime();
    for (int n = 0; n < most; n++) {
      try {
        connection.send(text);
      } catch (UncheckedIOException closed) {
        break;
      }
      if (connection.hasInput()) {
        break;
      }
      Thread.sleep(200);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  @Test
  void aNewConnectionThatSaysNothingIsClosed() {
    try (Connection connection = server.connect()) {
      assertThat(secondsUntilClosed(connection)).isBetween(0.9, 6.0);
    }
  }

  @Test
  void aConnectionThatIsKeptIsClosedLater() {
    try (Connection connection = server.connect()) {
      assertThat(connection.get("/alive").read().status()).isEqualTo(200);
      assertThat(secondsUntilClosed(connection)).isBetween(3.9, 9.0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"G", "GET /alive HTTP/1.1\r\n", "GET /alive HTTP/1.1\r\nHost: a\r\nX"})
  void aHeadThatDoesNotComeToItsEndIsAnswered408(String begun) {
    try (Connection connection = server.connect()) {
      long start = System.nanoTime();
      connection.send(begun);
      assertTimedOut(connection);
      assertThat((System.nanoTime() - start) / 1e9).isBetween(1.9, 7.0);
    }
  }

  /** The time of a head is counted from its first byte, however many come. */
  @ParameterizedTest
  @ValueSource(strings = {"X-A: 1\r\n", "X"})
  void aHeadThatDripsIsAnswered408AllTheSame(String drop) throws Exception {
    try (Connection connection = server.connect()) {
      connection.send("GET /alive HTTP/1.1\r\nHost: a\r\nX-B: 1\r\n");
      assertThat(drip(connection, drop, 60)).isBetween(1.5, 8.0);
      assertTimedOut(connection);
    }
  }

  @Test
  void emptyLinesThatDripAreNoRequest() throws Exception {
    try (Connection connection = server.connect()) {
      assertThat(drip(connection, "\r\n", 60)).isBetween(1.5, 8.0);
      assertTimedOut(connection);
    }
  }

  @Test
  void aLaterHeadHasItsTimeToo() throws Exception {
    try (Connection connection = server.connect()) {
      assertThat(connection.get("/alive").read().status()).isEqualTo(200);
      connection.send("GET /alive HTTP/1.1\r\n");
      assertThat(drip(connection, "X", 60)).isBetween(1.5, 8.0);
      assertTimedOut(connection);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 500", "Content-Length: 5000"})
  void aBodyThatStopsIsAnswered408(String length) {
    try (Connection connection = server.connect()) {
      connection.request("POST /size HTTP/1.1", length).send("x".repeat(400));
      assertTimedOut(connection);
    }
  }

  @Test
  void aChunkThatStopsIsAnswered408() {
    try (Connection connection = server.connect()) {
      connection.request("POST /size HTTP/1.1", "Transfer-Encoding: chunked").send("5\r\nhel");
      assertTimedOut(connection);
    }
  }

  @Test
  void whoReadsABodyThatStopsIsTold() {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.request("POST /upload?gate=" + gate.port() + " HTTP/1.1", "Content-Length: 9000");
      connection.send("x".repeat(2000));
      gate.await().close();
      assertThat(gate.heard()).startsWith("ConnectionError: the body of the request took too long");
      assertTimedOut(connection);
    }
  }

  @Tag("slow")
  @Test
  void aBodyHasToComeAtTheLeastRateAfterTenSeconds() throws Exception {
    try (Connection slow = server.connect();
        Connection fast = server.connect();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      slow.request("POST /size HTTP/1.1", "Content-Length: 900");
      fast.request("POST /size HTTP/1.1", "Content-Length: 360000");
      Future<Double> dripped = threads.submit(() -> drip(slow, "x", 120));
      drip(fast, "x".repeat(6000), 60);
      assertThat(fast.read().text()).isEqualTo("360000");
      assertThat(dripped.get()).isBetween(9.5, 20.0);
      assertTimedOut(slow);
    }
  }

  /** Its worker is free again, and the iterable closed. */
  @Test
  void aClientThatTakesNothingOfItsAnswerIsCutOff() {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      long start = System.nanoTime();
      connection.get("/blocks?size=100000000&gate=" + gate.port());
      assertThat(gate.heard()).startsWith("closed, ").isNotEqualTo("closed, 0 left");
      assertThat((System.nanoTime() - start) / 1e9).isBetween(1.9, 9.0);
      assertThat(server.ask("/alive").text()).isEqualTo("alive");
    }
  }

  @Test
  void aClientThatTakesALittleNowAndThenIsNot() throws InterruptedException {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      String target = "/blocks?size=30000000&gate=" + gate.port();
      connection.request("GET " + target + " HTTP/1.1", "Connection: close");
      long start = System.nanoTime();
      long read = 0;
      for (int count = 0; count >= 0; count = connection.skim(65_536)) {
        read += count;
        if (System.nanoTime() - start < 6_000_000_000L) {
          Thread.sleep(100);
        }
      }
      assertThat(read).isGreaterThan(30_000_000);
      assertThat(gate.heard()).isEqualTo("closed, 0 left");
    }
  }

  /** What the application takes its time for is not the client's fault. */
  @Test
  void aBodyThatNobodyReadsYetIsNotSlow() throws InterruptedException {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.request("POST /late?gate=" + gate.port() + " HTTP/1.1", "Content-Length: 1000000");
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("called");
        connection.sendAside(1_000_000);
        Thread.sleep(4000);
      }
      assertThat(connection.read().text()).isEqualTo("1000000");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET /alive HTT", "GET /alive HTTP/1.1\r\nHost: a\r\n"})
  void aClientThatEndsItsSideBeforeItsRequestIsLetGo(String begun) {
    try (Connection connection = server.connect()) {
      long start = System.nanoTime();
      connection.send(begun).halfClose();
      if (!connection.closedByPeer()) {
        assertThat(connection.read().status()).isEqualTo(400);
        assertThat(connection.closedByPeer()).isTrue();
      }
      assertThat((System.nanoTime() - start) / 1e9).as("at once").isLessThan(2.0);
    }
  }

  @Test
  void aClientThatEndsItsSideBehindItsRequestsIsAnswered() {
    try (Connection connection = server.connect()) {
      connection.get("/alive").get("/alive").halfClose();
      assertThat(connection.read().text()).isEqualTo("alive");
      assertThat(connection.read().text()).isEqualTo("alive");
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  /** A thread of the application waits for it: the rate is another one then. */
  @Test
  void aBodyThatDripsHasNoThreadForLong() throws Exception {
    Microthreads.doNotApply("no thread waits for it, so the ordinary rate counts");
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.request("POST /upload?gate=" + gate.port() + " HTTP/1.1", "Content-Length: 90000");
      connection.send("x".repeat(2000));
      gate.await().close();
      assertThat(drip(connection, "x".repeat(400), 60)).isBetween(0.9, 6.0);
      assertThat(gate.heard()).startsWith("ConnectionError: the body of the request took too long");
      assertTimedOut(connection);
    }
  }
}
