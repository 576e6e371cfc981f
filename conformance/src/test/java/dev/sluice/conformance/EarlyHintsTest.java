package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** environ["wsgi.early_hints"] sends 103 ahead of the answer. */
class EarlyHintsTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.start("streams_app:app");
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log()).doesNotContain("\tat ");
  }

  /** What cannot be sent is refused, and spoils neither hints nor answer. */
  private static final String REFUSALS =
      "TypeError ValueError ValueError AssertionError TypeError TypeError";

  @Test
  void hintsComeAheadOfTheAnswer() {
    try (Connection connection = server.connect()) {
      connection.get("/hints").get("/alive");
      Response first = connection.read();
      assertThat(first.status() + " " + first.reason()).isEqualTo("103 Early Hints");
      assertThat(first.header("Link")).isEqualTo("</style.css>; rel=preload; as=style");
      assertThat(first.headers()).hasSize(1);
      Response second = connection.read();
      assertThat(second.status()).isEqualTo(103);
      assertThat(second.all("Link")).hasSize(2);
      assertThat(second.all("Content-Length")).isEmpty();
      Response answer = connection.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo(REFUSALS);
      assertThat(answer.all("Link")).isEmpty();
      assertThat(answer.all("X-Injected")).isEmpty();
      assertThat(connection.read().text()).as("the next request").isEqualTo("alive");
    }
  }

  @Test
  void http10GetsNone() {
    try (Connection connection = server.connect()) {
      connection.request("GET /hints HTTP/1.0");
      assertThat(connection.read().text()).isEqualTo(REFUSALS);
    }
  }

  @Test
  void headGetsThemToo() {
    try (Connection connection = server.connect()) {
      connection.request("HEAD /hints HTTP/1.1");
      assertThat(connection.readHead().status()).isEqualTo(103);
      assertThat(connection.readHead().status()).isEqualTo(103);
      assertThat(connection.readHead().status()).isEqualTo(200);
      assertThat(connection.get("/alive").read().text()).isEqualTo("alive");
    }
  }

  /** Behind the head of an answer they would be a part of its body. */
  @Test
  void hintsThatComeTooLateAreNotSent() {
    try (Connection connection = server.connect()) {
      connection.get("/late_hints");
      assertThat(connection.read().text()).isEqualTo("begun and ended");
      assertThat(connection.get("/alive").read().text()).isEqualTo("alive");
    }
  }
}
