package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Browser;
import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.ServedPython;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The Django project of examples/, on the embedded Python and in virtual environments. */
@Tag("slow")
@SuppressWarnings("NullAway.Init") // static fields are set before each parameterized run
@ParameterizedClass(name = "{0}")
@MethodSource("dev.sluice.conformance.harness.ServedPython#ofTierAndMicrothreads")
class DjangoTest {
  private static final Path PROJECT = Project.EXAMPLES.resolve("django");

  private static Path database;
  private static Server server;

  private final ServedPython python;

  DjangoTest(ServedPython python) {
    this.python = python;
  }

  @BeforeParameterizedClassInvocation
  static void serve(ServedPython python) throws IOException {
    database = Files.createTempDirectory(Project.TARGET, "django").resolve("notes.sqlite3");
    String[] options = python.options();
    manage(python, "python", "manage.py", "migrate");
    manage(python, "run", "manage.py", "createsuperuser", "--noinput");
    server = start(options);
  }

  private static void manage(ServedPython python, String... arguments) {
    var environment = new HashMap<>(python.environment());
    environment.put("NOTES_DATABASE", database.toString());
    environment.put("DJANGO_SUPERUSER_USERNAME", "admin");
    environment.put("DJANGO_SUPERUSER_PASSWORD", "open sesame");
    environment.put("DJANGO_SUPERUSER_EMAIL", "admin@example.org");
    Child.Ended ended = Child.runSluice(PROJECT, environment, arguments);
    assertThat(ended.code()).as("%s%s", ended.stdout(), ended.stderr()).isZero();
  }

  private static Server start(String... options) {
    return Server.of("config.wsgi")
        .appDir(PROJECT)
        .options(options)
        .environment("NOTES_DATABASE", database.toString())
        .start();
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    assertThat(server.stopCleanly()).doesNotContain("Traceback", "Exception", "\tat ");
  }

  @Test
  void theBannerSaysWhichPython() {
    assertThat(server.banner())
        .contains("serves config.wsgi", python.servedPart() + python.bannerPart());
  }

  @Test
  void staticFilesAreServed() throws IOException {
    var own = server.get("/static/notes/style.css");
    assertThat(own.statusCode()).isEqualTo(200);
    assertThat(own.headers().firstValue("Content-Type").orElse("")).startsWith("text/css");
    assertThat(own.body())
        .isEqualTo(Files.readString(PROJECT.resolve("notes/static/notes/style.css")));

    var admins = server.get("/static/admin/css/base.css");
    assertThat(admins.statusCode()).isEqualTo(200);
    assertThat(admins.body()).contains("DJANGO Admin styles");
    String modified = admins.headers().firstValue("Last-Modified").orElseThrow();
    var again =
        server.send(
            HttpRequest.newBuilder(server.uri("/static/admin/css/base.css"))
                .header("If-Modified-Since", modified));
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(server.get("/static/no.css").statusCode()).isEqualTo(404);
  }

  @Test
  void theAdminNeedsALoginWithItsToken() {
    try (Browser browser = new Browser(server)) {
      var first = browser.get("/admin/");
      assertThat(first.statusCode()).isEqualTo(302);
      assertThat(first.headers().firstValue("Location")).contains("/admin/login/?next=/admin/");

      var right = Map.of("username", "admin", "password", "open sesame", "next", "/admin/");
      assertThat(browser.submit("/admin/login/", right).statusCode())
          .as("without the token")
          .isEqualTo(403);

      assertThat(browser.get("/admin/login/?next=/admin/").body())
          .contains("Django administration", "csrfmiddlewaretoken");
      var wrong = Map.of("username", "admin", "password", "guess");
      assertThat(browser.submit("/admin/login/", wrong).body())
          .contains("Please enter the correct username and password");

      var login = browser.submit("/admin/login/", right);
      assertThat(login.statusCode()).isEqualTo(302);
      assertThat(login.headers().firstValue("Location")).contains("/admin/");
      assertThat(browser.cookie("sessionid")).isNotEmpty();
      assertThat(browser.get("/admin/").body()).contains("Site administration", "Notes");

      assertThat(browser.get("/admin/notes/note/add/").body()).contains("Add note");
      var added =
          browser.submit(
              "/admin/notes/note/add/", Map.of("title", "From the admin", "text", "\u20ac"));
      assertThat(added.statusCode()).isEqualTo(302);
      assertThat(browser.get("/admin/notes/note/").body())
          .contains("From the admin", "was added successfully");
    }
  }

  @Test
  void theOrmKeepsWhatAFormBrings() {
    String[] options = python.options();
    try (Browser browser = new Browser(server)) {
      assertThat(browser.get("/").body()).contains("<h1>Notes</h1>", "csrfmiddlewaretoken");
      var kept = browser.submit("/", Map.of("title", "Caf\u00e9 <i>", "text", "a & b"));
      assertThat(kept.statusCode()).isEqualTo(302);
      assertThat(browser.get("/").body()).contains("<b>Caf\u00e9 &lt;i&gt;</b> a &amp; b");
      assertThat(browser.submit("/", Map.of("title", "")).body())
          .contains("This field is required");
    }
    try (Server other = start(options)) {
      assertThat(other.get("/").body()).as("another process").contains("Caf\u00e9 &lt;i&gt;");
    }
  }

  @Test
  void manyWriteAtOnce() throws Exception {
    int clients = 4;
    int notes = 5;
    try (var threads = Executors.newFixedThreadPool(clients)) {
      var done = new ArrayList<Future<?>>();
      for (int client = 0; client < clients; client++) {
        String prefix = "Note of client " + client + " ";
        done.add(threads.submit(() -> write(prefix, notes)));
      }
      for (Future<?> each : done) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
    assertThat(server.get("/").body().split("Note of client", -1)).hasSize(clients * notes + 1);
  }

  private static void write(String prefix, int notes) {
    try (Browser browser = new Browser(server)) {
      browser.get("/");
      for (int note = 0; note < notes; note++) {
        var answer = browser.submit("/", Map.of("title", prefix + note));
        assertThat(answer.statusCode()).isEqualTo(302);
      }
    }
  }
}
