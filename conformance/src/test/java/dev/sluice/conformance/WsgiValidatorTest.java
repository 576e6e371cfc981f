package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Response.Framing;
import dev.sluice.conformance.harness.Server;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Applications that together use every rule of PEP 3333 about answers, inside wsgiref's validator:
 * no violation, and answers that are exact.
 */
class WsgiValidatorTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.start("validator_apps:app");
  }

  /** The validator speaks through AssertionError and WSGIWarning; both end in the log. */
  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log())
        .doesNotContain("AssertionError", "WSGIWarning", "without being closed", "\tat ");
  }

  private static void assertFollowedByAnother(Connection connection) {
    assertThat(connection.get("/single").read().text()).isEqualTo("just one");
  }

  @ParameterizedTest
  @CsvSource({
    "write-only, one two",
    "write-then-iterable, written and returned",
    "write-with-length, abcdef",
    "generator, one two",
    "several, abcdef",
    "single, just one",
    "empty, ''",
    "tuple, a tuple",
  })
  void everyKindOfBodyIsSentWholeAndTheConnectionKept(String name, String text) {
    try (Connection connection = server.connect()) {
      connection.get("/" + name).read().expectWhole(text);
      assertFollowedByAnother(connection);
      assertThat(connection.request("HEAD /" + name + " HTTP/1.1").readHead().status())
          .isEqualTo(200);
      assertFollowedByAnother(connection);
    }
  }

  @Test
  void oneBlockNeedsNoChunks() {
    Response response = server.ask("/raw-single");
    assertThat(response.framing()).isEqualTo(Framing.LENGTH);
    assertThat(response.header("Content-Length")).isEqualTo("8");
  }

  @Test
  void whatIsWrittenIsNotKeptBack() {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.get("/write-is-not-kept-back?gate=" + gate.port());
      try (Gate.Visitor between = gate.await()) {
        assertThat(between.text()).isEqualTo("between");
        connection.expectFirstChunk("first");
      }
    }
  }

  @Test
  void excInfoReplacesHeadersThatAreNotSentYet() {
    Response response = server.ask("/exc-info-before");
    assertThat(response.status() + " " + response.reason()).isEqualTo("503 Changed");
    assertThat(response.header("X-New")).isEqualTo("1");
    assertThat(response.all("X-Old")).isEmpty();
    assertThat(response.text()).isEqualTo("an error page");
  }

  @Test
  void excInfoMayComeWithTheFirstCall() {
    Response response = server.ask("/exc-info-first");
    assertThat(response.status() + " " + response.reason()).isEqualTo("500 Failed");
    assertThat(response.text()).isEqualTo("an error page");
  }

  @Test
  void excInfoAfterTheHeadersIsRaisedAgainAndTheAnswerCut() {
    Response response = server.ask("/exc-info-after");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo("begun");
    assertThat(response.complete()).as("must not look complete").isFalse();
    server.child().stderr().await("DeliberateError: after the headers were sent");
  }

  @ParameterizedTest
  @ValueSource(strings = {"closing", "raw-closing"})
  void closeIsCalledOnce(String kind) {
    for (int chunks : List.of(0, 1, 3)) {
      String name = UUID.randomUUID().toString();
      String path = "/" + kind + "?name=" + name + "&chunks=" + chunks;
      server.ask(path).expectWhole("x".repeat(chunks));
      assertThat(server.ask("/closed?name=" + name).text()).isEqualTo("1");
      try (Connection connection = server.connect()) {
        connection.request("HEAD " + path + " HTTP/1.1").readHead();
        assertThat(connection.get("/closed?name=" + name).read().text()).isEqualTo("2");
      }
    }
  }

  @Test
  void closeIsCalledOnceWhenTheIterationFails() {
    try (Gate gate = new Gate()) {
      Response response = server.ask("/closing-on-error?name=error&gate=" + gate.port());
      assertThat(response.text()).isEqualTo("begun");
      assertThat(response.complete()).isFalse();
      assertThat(gate.heard()).isEqualTo("closed 1");
      assertThat(server.ask("/closed?name=error").text()).isEqualTo("1");
    }
  }

  @Test
  void closeIsCalledOnceWhenTheClientGoesAway() {
    try (Gate gate = new Gate()) {
      Connection connection = server.connect();
      connection.get("/closing-endless?name=gone&gate=" + gate.port());
      assertThat(connection.skim(1000)).isPositive();
      connection.close();
      assertThat(gate.heard()).isEqualTo("closed 1");
      assertThat(gate.quietFor(Duration.ofMillis(300))).isTrue();
      assertThat(server.ask("/closed?name=gone").text()).isEqualTo("1");
    }
  }

  @Test
  void anIterableStaysOnItsThread() {
    server.ask("/stays-on-its-thread?chunks=200").expectWhole(".".repeat(200));
  }

  @Test
  void headersAreLatin1AndMayRepeat() {
    Response response = server.ask("/latin1-header");
    assertThat(response.reason()).isEqualTo("Caf\u00e9");
    assertThat(response.header("X-Name")).isEqualTo("caf\u00e9");
    assertThat(response.all("X-Many")).containsExactly("1", "2");
  }

  @Test
  void theApplicationsOwnDateAndServerStand() {
    Response response = server.ask("/own-date");
    assertThat(response.header("Date")).isEqualTo("Thu, 01 Jan 1970 00:00:00 GMT");
    assertThat(response.header("Server")).isEqualTo("mine");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no-content",
        "not-modified",
      })
  void someAnswersHaveNoBody(String path) {
    try (Connection connection = server.connect()) {
      Response response = connection.get("/" + path).read();
      assertThat(response.status()).isIn(204, 304);
      assertThat(response.all("Transfer-Encoding")).isEmpty();
      if (response.status() == 204) {
        assertThat(response.all("Content-Length")).isEmpty();
      }
      assertFollowedByAnother(connection);
    }
  }
}
