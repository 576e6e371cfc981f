package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Certificates;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Microthreads;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** `serve --microthreads` beside the other options, and set where options can be set. */
@Tag("slow")
class MicrothreadOptionsTest {
  private static final String RULES =
      """
      [[rule]]
      calls = ["time.sleep"]
      function = "sleeps"
      policy = "raise"
      """;

  @TempDir private Path directory;

  private static Server.Builder builder() {
    List<String> options = new ArrayList<>(Microthreads.options());
    options.remove("--microthreads");
    return Server.of("micro_options_app:app").options(options.toArray(String[]::new));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  /** What is answered to requests that are all sent before the first answer is read. */
  private static List<String> ask(Server server, int count, IntFunction<String> path) {
    List<Connection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        connections.add(server.connect().get(path.apply(i)));
      }
      return connections.stream().map(Connection::read).map(Response::text).toList();
    } finally {
      connections.forEach(Connection::close);
    }
  }

  private static void assertThatAllCount(Server server) {
    assertThat(server.banner()).contains("(WSGI on microthreads)");
    server.child().stdout().await("Dashboard at http://127.0.0.1:");
    assertThat(server.ask("/kind").text()).isEqualTo("microthread");
    assertThat(server.ask("/sleeps").text()).as("by a rule").isEqualTo("BlockingCallError");
    assertThat(ask(server, 8, i -> "/peaks")).contains("2").doesNotContain("3");
    assertThat(server.ask("/spins").text()).isEqualTo("spun");
    assertThat(server.stopCleanly()).doesNotContain("has stood still", "has blocked");
  }

  @Test
  void variablesSayIt() throws IOException {
    Server.Builder builder = builder();
    var environment =
        Map.of(
            "SLUICE_MICROTHREADS", "true",
            "SLUICE_LIMIT_MICROTHREADS", "2",
            "SLUICE_GUARD_RULES", write("rules.toml", RULES).toString(),
            "SLUICE_DASHBOARD", "127.0.0.1:0",
            "SLUICE_STALL_THRESHOLD", "0");
    environment.forEach(builder::environment);
    try (Server server = builder.start()) {
      assertThatAllCount(server);
    }
  }

  @Test
  void aFileSaysIt() throws IOException {
    String file =
        """
        [serve]
        microthreads = true
        limit-microthreads = 2
        guard-rules = ['%s']
        dashboard = "127.0.0.1:0"
        stall-threshold = 0
        """
            .formatted(write("rules.toml", RULES));
    try (Server server =
        builder().options("--config", write("sluice.toml", file).toString()).start()) {
      assertThatAllCount(server);
    }
  }

  @Test
  void theGuardIsAsItIsSet() throws IOException {
    Path file = write("sluice.toml", "[serve]\nmicrothreads = true\nguard = 'raise'\n");
    try (Server server = builder().options("--config", file.toString()).start()) {
      assertThat(server.ask("/sleeps").text()).isEqualTo("BlockingCallError");
    }
    try (Server server =
        builder()
            .options("--config", file.toString())
            .environment("SLUICE_GUARD", "report")
            .start()) {
      assertThat(server.ask("/sleeps").text()).isEqualTo("slept");
      server.child().stderr().await("time.sleep has blocked the microthread");
      assertThat(server.ask("/spins").text()).isEqualTo("spun");
      server.child().stderr().await("has stood still");
    }
    try (Server server =
        builder().options("--config", file.toString(), "--guard", "farm").start()) {
      assertThat(ask(server, 20, i -> "/sleeps?seconds=0.2")).containsOnly("slept");
      assertThat(ask(server, 5, i -> "/peaks").getLast()).isNotEqualTo("1");
    }
  }

  @Test
  void databasesAndInputAreWaitedForByTheFarm() {
    String file = directory.resolve("names.sqlite").toString();
    try (Server server = builder().options("--microthreads").start()) {
      List<String> stored = ask(server, 30, i -> "/stores?name=n" + i + "&file=" + file);
      for (int i = 0; i < stored.size(); i++) {
        assertThat(stored.get(i)).isEqualTo("[('n%d',)] [('n%d',)]".formatted(i, i));
      }
      try (Connection asking = server.connect().get("/asks")) {
        assertThat(server.ask("/sleeps").text()).isEqualTo("slept");
        assertThat(asking.hasInput()).isFalse();
        server.child().line("what was typed");
        assertThat(asking.read().text()).isEqualTo("what was typed");
      }
    }
  }

  @Test
  void streamsOfOneConnectionWaitSideBySide() {
    var certificates = new Certificates(directory);
    certificates.issue("site");
    try (Server server =
            builder()
                .options("--microthreads")
                .options("--certfile", certificates.certificate("site").toString())
                .options("--keyfile", certificates.key("site").toString())
                .start();
        HttpClient client =
            HttpClient.newBuilder()
                .sslContext(certificates.client())
                .version(HttpClient.Version.HTTP_2)
                .build()) {
      URI uri = URI.create("https://localhost:" + server.port() + "/peaks");
      HttpRequest request = HttpRequest.newBuilder(uri).timeout(Limits.START).build();
      client.sendAsync(request, BodyHandlers.ofString()).join();
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        answers.add(client.sendAsync(request, BodyHandlers.ofString()));
      }
      List<HttpResponse<String>> all = answers.stream().map(CompletableFuture::join).toList();
      assertThat(all).allMatch(answer -> answer.version() == HttpClient.Version.HTTP_2);
      assertThat(all).allMatch(answer -> answer.statusCode() == 200);
      assertThat(all).anyMatch(answer -> Integer.parseInt(answer.body()) > 1);
    }
  }

  @Test
  void applicationsOfBothKindsShareTheLoop() {
    try (Server server =
        Server.asgi("mount_apps:modern")
            .options("--mount", "/old=mount_apps:old", "--mount", "/older=mount_apps:old")
            .options(Microthreads.options().toArray(String[]::new))
            .start()) {
      assertThat(server.banner()).contains("mount_apps:old (WSGI on microthreads below /old)");
      List<String> said = ask(server, 30, i -> List.of("/", "/old/a", "/older/b").get(i % 3));
      for (int i = 0; i < said.size(); i++) {
        String kind = i % 3 == 0 ? "asgi" : "wsgi";
        String root = List.of("", "/old", "/older").get(i % 3);
        assertThat(said.get(i))
            .contains("\"kind\": \"%s\", \"root\": \"%s\"".formatted(kind, root));
      }
    }
  }

  @Test
  void whatHasChangedIsLoadedAgainWhileRequestsWait() throws IOException {
    String application =
        """
        from gates import wait
        SAID = b"the first"
        def app(environ, start_response):
            start_response("200 OK", [])
            if environ["PATH_INFO"] == "/waits":
                wait(environ, "in")
            return [SAID]
        """;
    write("gates.py", Files.readString(Project.PYTHON.resolve("gates.py")));
    write("talking.py", application);
    try (var gate = new dev.sluice.conformance.harness.Gate();
        Server server =
            Server.of("talking:app")
                .appDir(directory)
                .options("--reload")
                .options(Microthreads.options().toArray(String[]::new))
                .start();
        Connection old = server.connect().get("/waits?gate=" + gate.port());
        var visitor = gate.await()) {
      assertThat(visitor.text()).isEqualTo("in");
      write("talking.py", application.replace("the first", "the second"));
      server.child().stderr().await("the application was loaded again");
      assertThat(server.ask("/").text()).isEqualTo("the second");
      visitor.close();
      assertThat(old.read().text()).isEqualTo("the first");
    }
  }
}
