package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
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

/** Whatever an application does wrong is its own failed request: logged, and nobody else's. */
class ApplicationFaultTest {
  private static Server server;
  private static String firstPid;

  @BeforeAll
  static void serve() {
    server = Server.start("fault_app:app");
    firstPid = server.get("/alive").body();
  }

  @AfterAll
  static void stop() {
    assertThat(server.get("/alive").body()).as("the same process").isEqualTo(firstPid);
    server.close();
    assertThat(server.log())
        .as("the log shows the application's tracebacks only")
        .doesNotContain("\tat ", "Fatal Python error");
  }

  private static Response askCase(String path, String wrong) {
    return server.ask(path + "?case=" + URLEncoder.encode(wrong, StandardCharsets.UTF_8));
  }

  private static void assertFailed(Response response) {
    assertThat(response.status()).as(response.toString()).isEqualTo(500);
    assertThat(response.complete()).isTrue();
    assertThat(response.text())
        .as("nothing of the inside is shown to a client")
        .doesNotContain("Deliberate", "Traceback", "fault_app");
  }

  @ParameterizedTest
  @CsvSource({
    "raises_before, DeliberateError: before start_response",
    "raises_after_start, DeliberateError: after start_response",
    "raises_first, DeliberateError: at the first block",
    "raises_in_java, java.lang.IndexOutOfBoundsException",
    "raises_chained, LookupError: the effect",
    "raises_chained, DeliberateError: the cause \u20ac",
    "exits, SystemExit: asked to exit by a request",
    "interrupts, KeyboardInterrupt",
    "badly_written_error, UnprintableError",
    "writes_text, TypeError",
  })
  void anExceptionBeforeTheHeadersAreSentIsA500AndATraceback(String handler, String logged) {
    int before = server.child().stderr().lines().size();
    try (Connection connection = server.connect()) {
      assertFailed(connection.get("/" + handler).read());
    }
    List<String> log = awaitLogged(before, logged);
    assertThat(log).anyMatch(line -> line.contains("Traceback (most recent call last)"));
    assertThat(log).anyMatch(line -> line.contains("fault_app.py\", line"));
  }

  /** The log's lines since then, once one of them contains the text. */
  private static List<String> awaitLogged(int since, String text) {
    var stderr = server.child().stderr();
    stderr.awaitAfter(since, line -> line.contains(text));
    return stderr.lines().subList(since, stderr.lines().size());
  }

  @ParameterizedTest
  @CsvSource({
    "raises_midway, DeliberateError: in the middle of the iteration",
    "raises_midway?length=100, DeliberateError: in the middle of the iteration",
    "raises_after_write, DeliberateError: after write",
  })
  void anExceptionAfterThatCutsTheConnection(String handler, String logged) {
    int before = server.child().stderr().lines().size();
    Response response = server.ask("/" + handler);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo("begun");
    assertThat(response.complete()).as("a client must see that it is not whole").isFalse();
    assertThat(awaitLogged(before, logged))
        .anyMatch(line -> line.contains("Traceback (most recent call last)"));
  }

  @Test
  void anExceptionMidwayOverHttp10IsNoCleanEndEither() {
    try (Connection connection = server.connect()) {
      Response response = connection.send("GET /raises_midway HTTP/1.0\r\n\r\n").read();
      assertThat(response.complete()).as("ended by a reset: " + response).isFalse();
    }
  }

  @Test
  void anExceptionInCloseIsLogged() {
    int before = server.child().stderr().lines().size();
    assertThat(server.ask("/raises_in_close").text()).isEqualTo("all of it");
    assertThat(awaitLogged(before, "DeliberateError: in close")).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "header value with CR LF",
        "header value with LF",
        "header value with CR",
        "header value with NUL",
        "header name with CR LF",
        "header name with colon",
        "header name with space",
        "header name empty",
        "header name not latin-1",
        "header value not latin-1",
        "header value not a string",
        "header value bytes",
        "header not a pair",
        "headers None",
        "status with CR LF",
        "status not latin-1",
        "status bytes",
        "status a number",
        "status without a number",
        "status too small",
        "status too large",
        "status empty",
        "Content-Length not a number",
        "Content-Length negative",
        "two Content-Lengths",
      })
  void aStatusOrHeaderThatCannotBeSentIsA500WithTheReason(String wrong) {
    int before = server.child().stderr().lines().size();
    Response response = askCase("/status_and_headers", wrong);
    assertFailed(response);
    assertThat(response.all("X-Injected")).isEmpty();
    assertThat(awaitLogged(before, "fault_app.py\", line")).isNotEmpty();
  }

  /** PEP 3333 forbids an application the hop-by-hop headers: refused, or kept from doing harm. */
  @ParameterizedTest
  @ValueSource(strings = {"Transfer-Encoding", "Connection"})
  void aHopByHopHeaderDoesNotBreakTheFraming(String name) {
    try (Connection connection = server.connect()) {
      String path = "/status_and_headers?case=" + name;
      Response response = connection.get(path).get("/alive").read();
      assertThat(response.status()).isIn(200, 500);
      assertThat(response.complete()).isTrue();
      assertThat(response.header("Connection")).isNotEqualTo("upgrade");
      if (!connection.closedByPeer()) {
        assertThat(connection.read().text()).isEqualTo(firstPid);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "None",
        "a string",
        "a number",
        "a list of strings",
        "a list of numbers",
        "a list with None",
        "a generator of strings",
        "an object without __iter__",
      })
  void aBodyThatIsNotBytesIsA500(String wrong) {
    int before = server.child().stderr().lines().size();
    assertFailed(askCase("/wrong_body", wrong));
    assertThat(server.child().stderr().awaitAfter(before, line -> line.contains("Error")))
        .isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "sorted", "map", "repr", "compare"})
  void endlessRecursionIsARecursionErrorAlsoThroughC(String kind) {
    for (int round = 0; round < 3; round++) {
      int before = server.child().stderr().lines().size();
      assertFailed(askCase("/recursion", kind));
      assertThat(awaitLogged(before, "RecursionError")).isNotEmpty();
    }
    assertThat(server.ask("/recursion?thread=1&case=" + kind).text())
        .as("on a thread of the application's own")
        .isEqualTo("['RecursionError']");
  }

  @Test
  void forkIsRefusedWithTheReason() {
    Response response = server.ask("/fork");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).contains("Error").contains("fork").contains("subprocess");
  }

  @Test
  void otherProgramsAndPythonItselfCanBeRun() {
    assertThat(server.ask("/run_processes").text()).isEqualTo("from a shell, same Python");
  }

  @Test
  void multiprocessingSpawns() {
    assertThat(server.ask("/start_method").text()).isEqualTo("spawn");
    assertThat(server.ask("/spawn").text()).isEqualTo("3");
  }

  @Test
  void anApplicationMayHaveThreads() {
    assertThat(server.ask("/threads").text()).isEqualTo("190");
  }
}
