package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.ServedPython;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What Werkzeug, Flask and Django bring along to test servers, used on this one. */
@Tag("slow")
@ParameterizedClass(name = "{0}")
@MethodSource("dev.sluice.conformance.harness.ServedPython#ofTier")
class FrameworkHelpersTest {
  private static final List<String> AROUND = List.of("lint", "validator");

  private final ServedPython python;

  FrameworkHelpersTest(ServedPython python) {
    this.python = python;
  }

  /** A pass of Python's unittest, whose end is told on stderr. */
  private static void assertPassed(Child.Ended ended, int tests) {
    assertThat(ended.code()).as("%s%s", ended.stdout(), ended.stderr()).isZero();
    assertThat(ended.stderr())
        .contains("Ran " + tests + " tests")
        .containsPattern("(?m)^OK$")
        .doesNotContain("Warning");
  }

  private static Response ask(Server server, String line, String body, String... headers) {
    try (Connection connection = server.connect()) {
      connection.request(line, headers).send(body);
      return line.startsWith("HEAD") ? connection.readHead() : connection.read();
    }
  }

  @Test
  void werkzeugsLintAndTheValidatorFindNothing() {
    String[] options = python.options();
    try (Server server = Server.of("lint_app:app").options(options).start()) {
      assertBodiesAreRead(server);
      for (String around : AROUND) {
        assertAnswersAreRight(server, "/" + around);
      }
      assertThat(server.stopCleanly())
          .doesNotContain("Warning", "AssertionError", "Traceback", "\tat ");
    }
  }

  private static void assertBodiesAreRead(Server server) {
    String form = "name=Zo%C3%AB";
    String type = "Content-Type: application/x-www-form-urlencoded";
    String length = "Content-Length: ";
    assertThat(
            ask(server, "POST /lint/form?q=1 HTTP/1.1", form, type, length + form.length()).text())
        .isEqualTo("Zo\u00c3\u00ab 0 1");
    assertThat(ask(server, "POST /lint/echo HTTP/1.1", "hello", length + 5).text())
        .isEqualTo("hello");
    String chunks = "BB8\r\n" + "x".repeat(3000) + "\r\n0\r\n\r\n";
    assertThat(
            ask(server, "POST /lint/parts HTTP/1.1", chunks, "Transfer-Encoding: chunked").text())
        .isEqualTo("3000");
  }

  private static void assertAnswersAreRight(Server server, String at) {
    assertThat(ask(server, "GET " + at + "/stream HTTP/1.1", "").text().lines()).hasSize(1000);
    for (String path : List.of("/file", "/wrapped")) {
      ask(server, "GET " + at + path + " HTTP/1.1", "").expectWhole("0123456789".repeat(100));
      if (!at.equals("/lint")) { // which takes an answer to HEAD for one that is too short
        assertThat(ask(server, "HEAD " + at + path + " HTTP/1.1", "").status()).isEqualTo(200);
      }
    }
    Response part = ask(server, "GET " + at + "/wrapped HTTP/1.1", "", "Range: bytes=10-19");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.text()).isEqualTo("0123456789");
    String tag = ask(server, "GET " + at + "/etag HTTP/1.1", "").header("ETag");
    assertThat(ask(server, "GET " + at + "/etag HTTP/1.1", "", "If-None-Match: " + tag).status())
        .isEqualTo(304);
    Response cookie = ask(server, "GET " + at + "/cookies HTTP/1.1", "", "Cookie: seen=x");
    assertThat(cookie.status()).isEqualTo(302);
    assertThat(cookie.header("Set-Cookie")).startsWith("seen=xx");
    assertThat(ask(server, "GET " + at + "/nothing HTTP/1.1", "").status()).isEqualTo(204);
    assertThat(ask(server, "GET " + at + "/none HTTP/1.1", "").status()).isEqualTo(404);
    assertThat(ask(server, "PUT " + at + "/described?a=%20 HTTP/1.1", "").text())
        .isEqualTo("PUT http://127.0.0.1" + at + "/described?a=%20 127.0.0.1 False");
  }

  @Test
  void theTestClientsOfFlaskAndWerkzeugPass() {
    String[] options = python.options();
    String flask = Project.EXAMPLES.resolve("flask").toString();
    try (Server server =
        Server.of("guestbook:app")
            .appDir(Project.EXAMPLES.resolve("flask"))
            .options(options)
            .environment("GUESTBOOK_SECRET", "a test")
            .start()) {
      Map<String, String> environment = new HashMap<>(python.environment());
      environment.put("PORT", Integer.toString(server.port()));
      environment.put("GUESTBOOK_SECRET", "a test");
      environment.put("GUESTBOOK_FOLDER", flask);
      assertPassed(
          Child.runSluice(Project.PYTHON, environment, "python", "-B", "flask_client_tests.py"), 6);
      assertThat(server.stopCleanly()).doesNotContain("Traceback", "\tat ");
    }
  }

  @Test
  void djangosLiveServerTestCasePasses() throws IOException {
    python.options();
    Map<String, String> environment = new HashMap<>(python.environment());
    environment.put(
        "NOTES_DATABASE",
        Files.createTempDirectory(Project.TARGET, "live").resolve("notes.sqlite3").toString());
    environment.put("PYTHONPATH", Project.PYTHON.toString());
    environment.put("SLUICE", Project.LAUNCHER.toString());
    assertPassed(
        Child.runSluice(
            Project.EXAMPLES.resolve("django"),
            environment,
            "python",
            "-B",
            "manage.py",
            "test",
            "--settings=live_settings",
            "live_server_tests"),
        6);
  }
}
