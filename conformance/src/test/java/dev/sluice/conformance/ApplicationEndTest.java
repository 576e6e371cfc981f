package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However a request ends in the application: its iterable is closed, and others go on. */
class ApplicationEndTest {
  private static Server server;
  private static Server streams;

  @BeforeAll
  static void serve() {
    server = Server.start("endings_app:app");
    streams = Server.start("streams_app:app");
  }

  @AfterAll
  static void stop() {
    server.close();
    streams.close();
    assertThat(server.log() + streams.log()).doesNotContain("\tat ", "Fatal Python error");
  }

  private static Response ask(String path) {
    return server.ask(path.replace(" ", "%20"));
  }

  // Exceptions that no `except Exception` catches

  @ParameterizedTest
  @CsvSource({
    "own, OwnBaseError: of our own",
    "generator, GeneratorExit: not by a generator",
    "cancelled, asyncio.exceptions.CancelledError: of no loop",
    "stop, StopIteration: outside of an iterator",
    "memory, MemoryError: none left",
    "exit 0, SystemExit: 0",
    "group, BaseExceptionGroup: several",
  })
  void whateverIsRaisedIsA500AndLogged(String kind, String logged) {
    int before = server.child().stderr().lines().size();
    assertThat(ask("/raises?at=call&kind=" + kind).status()).isEqualTo(500);
    server.child().stderr().awaitAfter(before, line -> line.contains(logged));
    assertThat(ask("/alive").text()).isEqualTo("alive");
  }

  @ParameterizedTest
  @CsvSource({
    "own, first, 500",
    "own, middle, 200",
    "generator, first, 500",
    "generator, middle, 200",
    "exit 0, first, 500",
    "exit 0, middle, 200",
    "memory, middle, 200",
  })
  void whateverTheIterationRaisesTheIterableIsClosed(String kind, String place, int status) {
    try (Gate gate = new Gate()) {
      Response response = ask("/raises?at=" + place + "&kind=" + kind + "&gate=" + gate.port());
      assertThat(gate.heard()).isEqualTo("closed");
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.complete()).isEqualTo(status == 500);
      assertThat(gate.quietFor(Duration.ofMillis(100))).as("once").isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "generator", "exit 0", "stop"})
  void whateverCloseRaisesTheAnswerStands(String kind) {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      String path = "/raises?at=close&kind=" + kind.replace(" ", "%20") + "&gate=" + gate.port();
      connection.get(path).read().expectWhole("part part ");
      assertThat(gate.heard()).isEqualTo("closed");
      assertThat(connection.get("/alive").read().text()).isEqualTo("alive");
    }
  }

  // Iterables

  @Test
  void anIterableWithoutAnIteratorIsClosedToo() {
    try (Gate gate = new Gate()) {
      assertThat(ask("/odd_body?case=no iterator&gate=" + gate.port()).status()).isEqualTo(500);
      assertThat(gate.heard()).isEqualTo("closed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"close is no method", "raises in __del__"})
  void anIterableThatCannotEndProperlyIsSentWhole(String wrong) {
    ask("/odd_body?case=" + wrong).expectWhole("all of it");
    assertThat(ask("/alive").text()).isEqualTo("alive");
  }

  @Test
  void bytesBeforeStartResponseAreA500() {
    assertThat(ask("/yields_before").status()).isEqualTo(500);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET %s HTTP/1.1", "HEAD %s HTTP/1.1", "GET %s HTTP/1.0"})
  void aGeneratorIsRunToItsEnd(String line) {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.request(line.formatted("/closing?gate=" + gate.port()));
      Response response = line.startsWith("HEAD") ? connection.readHead() : connection.read();
      assertThat(response.status()).isEqualTo(200);
      assertThat(gate.heard()).startsWith("closed by ");
      assertThat(ask("/alive").text()).isEqualTo("alive");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"204 No Content", "304 Not Modified"})
  void aGeneratorWhoseBodyIsNotSentIsClosed(String status) {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      String path = "/closing?status=" + status.replace(" ", "%20") + "&gate=" + gate.port();
      assertThat(connection.get(path).read().status()).isIn(204, 304);
      assertThat(gate.heard()).startsWith("closed by ");
      assertThat(connection.get("/alive").read().text()).isEqualTo("alive");
    }
  }

  // Lengths

  @ParameterizedTest
  @ValueSource(strings = {"list", "generator", "write"})
  void fewerBytesThanDeclaredAreACutAnswer(String by) {
    for (String given : new String[] {"0", "1", "9"}) {
      Response response = ask("/length?declared=10&given=" + given + "&by=" + by);
      assertThat(response.header("Content-Length")).isEqualTo("10");
      assertThat(response.complete()).as("must not look complete").isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "generator", "write"})
  void moreBytesThanDeclaredAreNotSent(String by) {
    for (String given : new String[] {"11", "500"}) {
      try (Connection connection = server.connect()) {
        String path = "/length?declared=10&given=" + given + "&by=" + by;
        Response response = connection.get(path).get("/alive").read();
        assertThat(response.text()).isEqualTo("x".repeat(10));
        if (!connection.closedByPeer()) {
          assertThat(connection.read().text()).isEqualTo("alive");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "generator", "write"})
  void exactlyAsManyAreAKeptConnection(String by) {
    try (Connection connection = server.connect()) {
      for (String size : new String[] {"0", "1", "10"}) {
        String path = "/length?declared=" + size + "&given=" + size + "&by=" + by;
        connection.get(path).read().expectWhole("x".repeat(Integer.parseInt(size)));
      }
    }
  }

  // Threads

  @Test
  void aThreadThatDiesTakesNobodyAlong() {
    int before = server.child().stderr().lines().size();
    assertThat(ask("/thread_dies").text()).isEqualTo("joined");
    server.child().stderr().awaitAfter(before, line -> line.contains("OwnBaseError: in a thread"));
    assertThat(ask("/alive").text()).isEqualTo("alive");
  }

  @Test
  void anAnswerMayComeFromAnyThread() {
    ask("/answers_from_thread").expectWhole("from a thread");
  }

  /** FrankenPHP's CVE-2026-24894: nothing that a request has done to its environ is left. */
  @Test
  void theEnvironIsOfOneRequestOnly() {
    String first = ask("/changes_environ").text();
    assertThat(first).startsWith("False ");
    for (int n = 0; n < 5; n++) {
      assertThat(ask("/changes_environ").text()).isEqualTo(first);
    }
  }

  // Clients that have gone

  @Test
  void aGeneratorWithoutAnEndGetsGeneratorExit() {
    try (Gate gate = new Gate()) {
      try (Connection connection = streams.connect()) {
        connection.get("/generator?gate=" + gate.port());
        assertThat(connection.skim(1000)).isPositive();
        connection.reset();
      }
      assertThat(gate.heard()).isEqualTo("GeneratorExit");
      assertThat(streams.ask("/alive").text()).isEqualTo("alive");
    }
  }

  @Test
  void writeRaisesWhenTheClientHasGone() {
    try (Gate gate = new Gate()) {
      try (Connection connection = streams.connect()) {
        connection.get("/writes?gate=" + gate.port());
        assertThat(connection.skim(1000)).isPositive();
      }
      assertThat(gate.heard()).isEqualTo("ConnectionError");
      assertThat(streams.ask("/alive").text()).isEqualTo("alive");
    }
  }

  /** That a client has gone is nobody's fault, and no reason for a traceback. */
  @Test
  void aClientThatHasGoneIsNotLogged() {
    try (Gate gate = new Gate()) {
      int before = streams.child().stderr().lines().size();
      try (Connection connection = streams.connect()) {
        connection.get("/blocks?size=1000000000&gate=" + gate.port());
        assertThat(connection.skim(1000)).isPositive();
        connection.reset();
      }
      assertThat(gate.heard()).startsWith("closed, ");
      assertThat(streams.ask("/alive").text()).isEqualTo("alive");
      var lines = streams.child().stderr().lines();
      assertThat(lines.subList(before, lines.size())).noneMatch(line -> line.contains("/blocks"));
    }
  }
}
