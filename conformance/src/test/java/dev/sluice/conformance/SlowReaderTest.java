package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A client may take its time over an answer: it gets all of it, and costs no memory meanwhile. */
class SlowReaderTest {
  private static final int SIZE = 20_000_000;
  private static final String LARGE = "/large?size=" + SIZE;

  /** The pause itself is the subject: the server must not lose patience within it. */
  private static void pause(Duration span) throws InterruptedException {
    Thread.sleep(span);
  }

  private static void assertWhole(Response response) {
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.complete()).as(response.toString()).isTrue();
    assertThat(response.text()).hasSize(SIZE).matches(text -> text.chars().allMatch(c -> c == 'x'));
  }

  @Test
  void theLastAnswerOfAConnectionWaitsForItsReader() throws InterruptedException {
    try (Server server = Server.start("http_app:app");
        Connection connection = server.connect()) {
      connection.request("GET " + LARGE + " HTTP/1.1", "Connection: close");
      pause(Duration.ofSeconds(4));
      assertWhole(connection.read());
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @Test
  void aKeptConnectionIsNotIdleWhileItsAnswerIsUnread() throws InterruptedException {
    try (Server server = Server.start("http_app:app", "--timeout-keep-alive", "1");
        Connection connection = server.connect()) {
      connection.get(LARGE);
      pause(Duration.ofSeconds(3));
      assertWhole(connection.read());
      assertThat(connection.get("/").read().text()).isEqualTo("Hello, World!");
    }
  }

  @Test
  void aStopWaitsForADownloadWithinItsTime() throws InterruptedException {
    try (Server server = Server.start("http_app:app", "--timeout-drain", "10");
        Connection connection = server.connect()) {
      connection.get(LARGE);
      assertThat(connection.closedByPeer()).as("the answer has begun").isFalse();
      server.child().signal("TERM");
      pause(Duration.ofSeconds(3));
      assertWhole(connection.read());
      Child.Ended ended = server.child().ended(Limits.ANSWER);
      assertThat(ended.code()).as(ended.stderr()).isZero();
    }
  }

  @Test
  void aClientThatSendsNoMoreStillReads() throws InterruptedException {
    try (Server server = Server.start("http_app:app");
        Connection connection = server.connect()) {
      connection.get(LARGE).halfClose();
      pause(Duration.ofSeconds(1));
      assertWhole(connection.read());
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @Test
  void aListThatIsEmptiedWhileItIsSentDoesNoHarm() {
    try (Server server = Server.start("hostile_app:app");
        Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.get("/shrinks?gate=" + gate.port());
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
        assertThat(connection.closedByPeer()).as("the answer has begun").isFalse();
      }
      assertThat(gate.heard()).isEqualTo("cleared");
      Response response = connection.read();
      String all =
          IntStream.range(0, 50)
              .mapToObj(number -> Character.toString('A' + number).repeat(300_000))
              .collect(Collectors.joining());
      assertThat(all.startsWith(response.text())).as(response.toString()).isTrue();
      assertThat(response.complete()).isEqualTo(response.text().length() == all.length());
      assertThat(server.ask("/alive").text()).isEqualTo("alive");
    }
  }

  @Test
  void manyRequestsAheadOfTheirReaderCostNoMemory() throws Exception {
    int requests = 400;
    try (Server server = Server.start("hostile_app:app");
        Connection connection = server.connect()) {
      for (int n = 0; n < requests; n++) {
        connection.get("/numbered?n=" + n);
      }
      // Long enough for all of them to be answered, were they answered without a reader.
      pause(Duration.ofSeconds(3));
      assertThat(server.ask("/alive").text()).isEqualTo("alive");
      assertThat(server.child().residentKilobytes()).isLessThan(600_000);
      for (int n = 0; n < requests; n++) {
        Response response = connection.read();
        assertThat(response.text()).hasSize(1_000_000);
        assertThat(response.text().substring(0, 5)).startsWith(n + ".");
      }
      assertThat(server.child().residentKilobytes()).isLessThan(600_000);
    }
  }

  /** There is memory for a part of it only, outside of Python. */
  @Test
  void aVastAnswerOfOnePieceGoesOutInParts() {
    int size = 300_000_000;
    try (Server server =
            Server.of("http_app:app").environment("SLUICE_JAVA_OPTS", "-Xmx128m").start();
        Connection connection = server.connect()) {
      connection.request("GET /large?size=" + size + " HTTP/1.1", "Connection: close");
      long read = 0;
      for (int count = 0; count >= 0; count = connection.skim(65_536)) {
        read += count;
      }
      assertThat(read).isGreaterThanOrEqualTo(size);
      assertThat(server.log()).doesNotContain("ERROR");
    }
  }
}
