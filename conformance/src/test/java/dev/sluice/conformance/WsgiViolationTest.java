package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Applications that break a rule of PEP 3333: the client is not misled, and nobody else suffers.
 */
class WsgiViolationTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.start("validator_apps:app");
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log()).doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"204%20No%20Content", "304%20Not%20Modified"})
  void aBodyIsNotSentWhereNoneMayBe(String status) {
    try (Connection connection = server.connect()) {
      Response response = connection.get("/body-where-none-may-be?status=" + status).read();
      assertThat(response.status()).isIn(204, 304);
      assertThat(connection.get("/single").read().text()).isEqualTo("just one");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?single=1"})
  void aBodyShorterThanItsLengthIsCut(String query) {
    Response response = server.ask("/too-short" + query);
    if (response.status() == 200) {
      assertThat(response.header("Content-Length")).isEqualTo("10");
      assertThat(response.complete()).as("must not look complete").isFalse();
    } else {
      assertThat(response.status()).isEqualTo(500);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?single=1"})
  void aBodyLongerThanItsLengthDoesNotReachTheNextAnswer(String query) {
    try (Connection connection = server.connect()) {
      Response response = connection.get("/too-long" + query).get("/single").read();
      if (response.status() == 200) {
        assertThat(response.text()).isIn("12345", "123");
      } else {
        assertThat(response.status()).isEqualTo(500);
      }
      if (!connection.closedByPeer()) {
        assertThat(connection.read().text()).isEqualTo("just one");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"started-twice", "never-started", "never-started?empty=1"})
  void aBrokenRuleOfTheApplicationIsAnErrorOfIts(String path) {
    assertThat(server.ask("/" + path).status()).isEqualTo(500);
    assertThat(server.ask("/single").text()).isEqualTo("just one");
  }
}
