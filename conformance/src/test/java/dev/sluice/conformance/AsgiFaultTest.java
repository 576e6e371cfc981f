package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.OtherwiseInUvicorn;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever an ASGI application does wrong is its own failed request: logged, and nobody else's. */
class AsgiFaultTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.asgi("fault_app:app").start();
  }

  @AfterAll
  static void stop() {
    server.ask("/alive").expectWhole("alive");
    assertThat(server.stopCleanly())
        .as("the log shows the application's tracebacks only")
        .doesNotContain("\tat ", "Fatal Python error");
  }

  private static Response askCase(String path, String wrong) {
    return server.ask(path + "?case=" + URLEncoder.encode(wrong, StandardCharsets.UTF_8));
  }

  private static void assertFailed(Response response) {
    assertThat(response.status()).as(response.toString()).isEqualTo(500);
    assertThat(response.complete()).isTrue();
    assertThat(response.header("Content-Type")).startsWith("text/plain");
    assertThat(response.all("X-Injected")).isEmpty();
    assertThat(response.text())
        .as("nothing of the inside is shown to a client")
        .doesNotContain("Deliberate", "Traceback", "fault_app");
  }

  /** The log's lines since then, once one of them contains the text. */
  private static List<String> awaitLogged(int since, String text) {
    var stderr = server.child().stderr();
    stderr.awaitAfter(since, line -> line.contains(text));
    return stderr.lines().subList(since, stderr.lines().size());
  }

  private static int logged() {
    return server.child().stderr().lines().size();
  }

  // Exceptions

  @ParameterizedTest
  @CsvSource({
    "raises_before?kind=exception, DeliberateError: on purpose",
    "raises_before?kind=base, OwnBaseError: on purpose",
    "raises_before?kind=exit, SystemExit: on purpose",
    "raises_before?kind=interrupt, KeyboardInterrupt: on purpose",
    "raises_before?kind=cancelled, CancelledError: on purpose",
    "raises_before?kind=group, DeliberateError: inner",
    "raises_at_once, DeliberateError: at once",
    "recursion, RecursionError",
  })
  void anExceptionBeforeTheStartIsA500AndATraceback(String path, String text) {
    int before = logged();
    assertFailed(server.ask("/" + path));
    assertThat(awaitLogged(before, text))
        .anyMatch(line -> line.contains("Traceback (most recent call last)"))
        .anyMatch(line -> line.contains("fault_app.py\", line"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"exception", "base", "exit", "interrupt", "cancelled"})
  void anExceptionMidwayCutsTheAnswer(String kind) {
    int before = logged();
    Response response = server.ask("/raises_midway?kind=" + kind);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo("begun");
    assertThat(response.complete()).as("a client must see that it is not whole").isFalse();
    assertThat(awaitLogged(before, ": on purpose"))
        .anyMatch(line -> line.contains("Traceback (most recent call last)"));
  }

  @Test
  void oneMidwayOfALengthToo() {
    Response response = server.ask("/raises_midway_of_a_length");
    assertThat(response.text()).isEqualTo("begun");
    assertThat(response.complete()).isFalse();
  }

  /** Whether the head has left by then is the server's business; a whole 200 it must not be. */
  @ParameterizedTest
  @ValueSource(strings = {"raises_after_start", "returns_after_start", "returns_midway"})
  void anAnswerWithoutAnEndIsNoWholeOne(String path) {
    int before = logged();
    assertNotWhole("/" + path);
    server.child().stderr().awaitAfter(before, line -> !line.isBlank());
  }

  /** A 500, a cut answer, or a connection that ends without one. */
  private static void assertNotWhole(String target) {
    try (Connection connection = server.connect().get(target)) {
      if (!connection.closedByPeer()) {
        Response response = connection.read();
        assertThat(response.status() == 500 || !response.complete())
            .as(response.toString())
            .isTrue();
      }
    }
  }

  @Test
  void oneBehindTheAnswerIsLogged() {
    int before = logged();
    server.ask("/raises_behind").expectWhole("whole");
    assertThat(awaitLogged(before, "DeliberateError: behind the answer"))
        .anyMatch(line -> line.contains("Traceback (most recent call last)"));
  }

  @Test
  void oneInATaskIsLogged() {
    int before = logged();
    server.ask("/a_task_fails").expectWhole("whole");
    assertThat(awaitLogged(before, "DeliberateError: in a task of its own")).isNotEmpty();
  }

  @Test
  void oneInACallbackIsLogged() {
    int before = logged();
    server.ask("/a_callback_fails").expectWhole("whole");
    assertThat(awaitLogged(before, "DeliberateError: in a callback")).isNotEmpty();
  }

  @Test
  void returningWithoutAnAnswerIsA500() {
    int before = logged();
    assertFailed(server.ask("/returns_at_once"));
    server.child().stderr().awaitAfter(before, line -> line.contains("without"));
  }

  @Test
  void anAnswerMayBeSentForAnotherThread() {
    server.ask("/threads").expectWhole("from elsewhere");
  }

  /** The functions themselves, as the usual idiom has it, not a coroutine that awaits them. */
  @ParameterizedTest
  @ValueSource(strings = {"python", "sluice"})
  void soMaySendAndReceiveBeCalledThere(String of) {
    server.ask("/threads_directly?of=" + of).expectWhole("sent http.request WrongThreadError");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&late=yes"})
  void whatAFailedCallHadIsReleasedAtOnce(String late) {
    int before = Integer.parseInt(server.ask("/raises_with_a_resource?ask=yes").text());
    server.ask("/raises_with_a_resource?x" + late);
    assertThat(server.ask("/raises_with_a_resource?ask=yes").text())
        .isEqualTo(Integer.toString(before + 1));
  }

  /** Nothing that was sent is lost, though the answer has no end. */
  @Test
  void whatWasSentBeforeAnExceptionArrives() throws InterruptedException {
    try (Connection connection = server.connect().get("/raises_behind_much")) {
      Thread.sleep(200); // a reader who is late
      Response response = connection.read();
      assertThat(response.text()).hasSize(40 * 7000);
      assertThat(response.complete()).isFalse();
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  // Order

  @ParameterizedTest
  @ValueSource(strings = {"body_first", "starts_twice"})
  void aMessageOutOfOrderIsAnErrorAtItsSend(String path) {
    server.ask("/" + path).expectWhole("RuntimeError");
  }

  @ParameterizedTest
  @ValueSource(strings = {"body_behind_the_end", "start_behind_the_end"})
  void soIsOneBehindTheEnd(String path) {
    try (Connection connection = server.connect()) {
      connection.get("/" + path).read().expectWhole("whole");
      assertThat(connection.get("/late").read().text()).matches("(RuntimeError ?)+");
    }
  }

  // Lengths

  @Test
  void fewerBytesThanDeclaredAreACutAnswer() {
    int before = logged();
    Response response = server.ask("/too_little");
    assertThat(response.header("Content-Length")).isEqualTo("10");
    assertThat(response.complete()).isFalse();
    awaitLogged(before, "Content-Length");
  }

  @ParameterizedTest
  @ValueSource(strings = {"too_much", "too_much_later"})
  void moreBytesThanDeclaredAreNotSent(String path) {
    int before = logged();
    try (Connection connection = server.connect()) {
      connection.get("/" + path).get("/alive");
      if (!connection.closedByPeer()) {
        Response response = connection.read();
        assertThat("1234567890").startsWith(response.text());
        if (response.complete() && !connection.closedByPeer()) {
          connection.read().expectWhole("alive");
        }
      }
    }
    awaitLogged(before, "Content-Length");
  }

  // Messages

  @ParameterizedTest
  @ValueSource(
      strings = {"no message", "a list", "no type", "another type", "a type of WebSockets"})
  void whatIsNoMessageIsA500WithTheReason(String wrong) {
    assertRefused(wrong);
  }

  private static void assertRefused(String wrong) {
    int before = logged();
    assertFailed(askCase("/wrong_message", wrong));
    assertThat(awaitLogged(before, "Error"))
        .anyMatch(line -> line.contains("fault_app.py\", line"));
    assertThat(askCase("/wrong_message_and_a_right_one", wrong).text())
        .as("raised at the send, and made good")
        .endsWith("Error");
  }

  @ParameterizedTest
  @OtherwiseInUvicorn("ends the connection without an answer, or takes it")
  @ValueSource(
      strings = {
        "no status",
        "status a str",
        "status None",
        "status a float",
        "status too small",
        "status too large",
        "headers None",
        "headers a number",
        "header no pair",
        "header of three",
        "header name a str",
        "header value a str",
        "header value a number",
        "header value with CR LF",
        "header value with LF",
        "header value with NUL",
        "header name with CR LF",
        "header name with a space",
        "header name empty",
        "length no number",
        "length negative",
        "two lengths",
      })
  void aHeadThatCannotBeSentIsA500WithTheReason(String wrong) {
    assertRefused(wrong);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a str", "a number", "a list"})
  void aBodyThatIsNotBytesIsNeverSent(String wrong) {
    int before = logged();
    assertNotWhole("/wrong_body?case=" + URLEncoder.encode(wrong, StandardCharsets.UTF_8));
    awaitLogged(before, "Error");
  }
}
