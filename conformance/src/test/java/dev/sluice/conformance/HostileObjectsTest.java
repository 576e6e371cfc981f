package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application hands over is taken for what it is, not for what it says that it is. */
class HostileObjectsTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.start("hostile_app:app", "--threads", "1");
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log()).doesNotContain("\tat ", "Fatal Python error", "SIGSEGV");
  }

  @AfterEach
  void theServerAnswersTheNextRequest() {
    assertThat(server.ask("/alive").text()).as(server.log()).isEqualTo("alive");
  }

  private static void assertFailed(String path, String logged) {
    int before = server.child().stderr().lines().size();
    Response response = server.ask(path);
    assertThat(response.status()).as(response.toString()).isEqualTo(500);
    assertThat(response.complete()).isTrue();
    server.child().stderr().awaitAfter(before, line -> line.contains(logged));
  }

  private static String path(String handler, String which) {
    return handler + "?case=" + URLEncoder.encode(which, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "one in a list",
        "one in a tuple",
        "one of an iterator",
        "one of a generator",
        "a list",
        "a tuple",
        "bytes",
      })
  void aBodyThatLiesIsA500(String which) {
    assertFailed(path("/body", which), "Error");
  }

  @Test
  void aLaterPieceThatLiesIsNeverSent() {
    int before = server.child().stderr().lines().size();
    Response response = server.ask(path("/body", "many in a list"));
    assertThat(response.complete() && response.status() == 200).as(response.toString()).isFalse();
    server.child().stderr().awaitAfter(before, line -> line.contains("Error"));
  }

  @Test
  void whatIsWrittenMustBeBytes() {
    assertFailed("/written", "hostile_app.py\", line");
  }

  @ParameterizedTest
  @ValueSource(strings = {"the status", "the headers", "a header", "a name", "a value"})
  void aStartThatLiesIsA500(String which) {
    assertFailed(path("/start", which), "hostile_app.py\", line");
  }

  @Test
  void anExcInfoThatLiesEndsTheAnswer() {
    int before = server.child().stderr().lines().size();
    Response response = server.ask("/restart");
    assertThat(response.text()).isEqualTo("begun");
    assertThat(response.complete()).isFalse();
    server.child().stderr().awaitAfter(before, line -> line.contains("hostile_app.py\", line"));
  }

  @Test
  void anExceptionThatCannotBeFormattedIsA500() {
    assertFailed("/unspeakable", "UnspeakableError");
  }

  @Test
  void anExceptionOfCloseThatCannotBeFormattedIsLoggedAsWellAsCanBe() {
    int before = server.child().stderr().lines().size();
    assertThat(server.ask("/unspeakable_in_close").text()).isEqualTo("all of it");
    server.child().stderr().awaitAfter(before, line -> line.contains("UnspeakableError"));
  }

  @Test
  void depthWithoutEndInsideWriteIsNoCrash() {
    // A server of its own: the recursion limit is raised for the whole process.
    try (Server own = Server.start("hostile_app:app", "--threads", "1")) {
      for (int round = 0; round < 3; round++) {
        int before = own.child().stderr().lines().size();
        try (Connection connection = own.connect()) {
          Response response = connection.get("/deep").read();
          assertThat(response.complete() && response.status() == 200)
              .as(response.toString())
              .isFalse();
        } catch (UncheckedIOException cut) {
          assertThat(own.child().alive()).as(own.log()).isTrue();
        }
        own.child().stderr().awaitAfter(before, line -> line.contains("RecursionError"));
        assertThat(own.ask("/alive").text()).as(own.log()).isEqualTo("alive");
      }
    }
  }
}
