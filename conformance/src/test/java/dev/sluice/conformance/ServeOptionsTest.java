package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is served and how is told by an option, else a variable, else sluice.toml. */
class ServeOptionsTest {
  private static final Pattern URL = Pattern.compile("http://[\\d.]+:\\d+");

  @TempDir private Path directory;

  /** Starts `serve` in the test's own folder, and gives the first body of each address. */
  private List<String> bodies(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    try (Child child = Child.sluice(directory, environment, List.of(arguments));
        HttpClient client = HttpClient.newHttpClient()) {
      String banner = child.stdout().await(line -> line.startsWith("Sluice "), Limits.START);
      var bodies = new ArrayList<String>();
      for (String url : URL.matcher(banner).results().map(found -> found.group()).toList()) {
        var request = HttpRequest.newBuilder(URI.create(url)).timeout(Limits.ANSWER).build();
        bodies.add(client.send(request, BodyHandlers.ofString()).body());
      }
      child.signal("TERM");
      assertThat(child.ended(Limits.ANSWER).code()).isZero();
      return bodies;
    }
  }

  @Test
  void aFactoryMakesTheApplication() {
    try (Server server = Server.start("factory_app:make", "--factory")) {
      assertThat(server.get("/").body()).isEqualTo("from the factory");
    }
  }

  @Test
  void theDefaultNameIsFound() {
    try (Server server = Server.start("factory_app")) {
      assertThat(server.get("/").body()).isEqualTo("by its default name");
    }
  }

  @Test
  void everythingMayComeFromVariables() throws Exception {
    var environment =
        Map.of(
            "SLUICE_APP_DIR", Project.PYTHON.toString(), "SLUICE_BIND", "127.0.0.1:0,127.0.0.1:0");
    assertThat(bodies(environment, "serve", "factory_app"))
        .as("a list makes two addresses")
        .containsExactly("by its default name", "by its default name");
  }

  @Test
  void everythingMayComeFromAFile() throws Exception {
    String appDir = Project.PYTHON.toString();
    var lines =
        List.of(
            "[serve]", "app-dir = '" + appDir + "'", "bind = ['127.0.0.1:0']", "factory = true");
    Files.write(directory.resolve("sluice.toml"), lines);
    assertThat(bodies(Map.of(), "serve", "factory_app:make")).containsExactly("from the factory");
    Files.move(directory.resolve("sluice.toml"), directory.resolve("other.toml"));
    assertThat(bodies(Map.of(), "serve", "--config", "other.toml", "factory_app:make"))
        .containsExactly("from the factory");
  }

  @Test
  void anOptionComesBeforeAVariableAndThatBeforeTheFile() throws Exception {
    Files.write(
        directory.resolve("sluice.toml"),
        List.of("[serve]", "app-dir = '/of/the/file'", "bind = '127.0.0.1:1'"));
    var environment = Map.of("SLUICE_APP_DIR", "/of/the/variable", "SLUICE_BIND", "127.0.0.1:0");
    assertThat(bodies(environment, "serve", "factory_app", "--app-dir", Project.PYTHON.toString()))
        .containsExactly("by its default name");
  }

  @Test
  void theVersionComesFirst() {
    Child.Ended ended = Child.runSluice(directory, Map.of(), "version");
    assertThat(ended.code()).isZero();
    assertThat(ended.stdout().lines().findFirst().orElse("")).matches("Sluice +\\d+\\.\\d+\\.\\d+");
  }

  @Test
  void doctorSaysWhichPythonAndWhy() {
    Child.Ended ended = Child.runSluice(directory, Map.of(), "doctor");
    assertThat(ended.code()).as(ended.stderr()).isZero();
    assertThat(ended.stdout())
        .contains("3.14.3 (embedded)", "no --python, --venv or $VIRTUAL_ENV given");
  }

  @Test
  void theClassPathIsOneThatJavaTakes() throws IOException {
    Child.Ended ended = Child.runSluice(directory, Map.of(), "classpath");
    assertThat(ended.code()).as(ended.stderr()).isZero();
    assertThat(ended.stdout().split(":", -1)).allMatch(jar -> Files.isRegularFile(Path.of(jar)));
  }
}
