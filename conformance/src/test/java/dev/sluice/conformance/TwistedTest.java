package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Pythons;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Blocking programs that use Twisted by sluice.crochet; and Crochet's own tests of that. */
@Tag("slow")
class TwistedTest {
  private static Path environment(String name) {
    return Pythons.environment(
        name + "-3.13", "3.13", Project.PYTHON.resolve(name + "-requirements.txt"));
  }

  private static Server serve() {
    return Server.start(
        "twisted_app:app", "--venv", environment("twisted").toString(), "--threads", "8");
  }

  private static Child.Ended run(Path venv, List<String> program) {
    var command = new ArrayList<>(List.of("run", "--venv", venv.toString()));
    command.addAll(program);
    try (Child child = Child.sluice(Project.TARGET, Map.of(), command)) {
      child.input("");
      return child.ended(Limits.START);
    }
  }

  @Test
  void blockingViewsUseTwistedsClient() {
    try (Server server = serve()) {
      List<Connection> asking = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        asking.add(server.connect().get("/fetch/page" + i));
      }
      for (int i = 0; i < 24; i++) {
        try (Connection connection = asking.get(i)) {
          assertThat(connection.read().text())
              .startsWith("/page" + i + " by sluice-loop-")
              .contains(", for sluice-py-");
        }
      }
      assertThat(server.ask("/two").text()).containsPattern("^/one by .*, /other by ");
      assertThat(server.ask("/pool").text()).isEqualTo("True");
    }
  }

  @Test
  void whatTakesTooLongIsCancelledWithoutNoise() {
    try (Server server = serve()) {
      Response late = server.ask("/slow");
      assertThat(late.status()).isEqualTo(504);
      assertThat(late.text()).contains("was not done within 0.2 seconds, and is cancelled");
      // Twisted's own log, by Python's logging: the client has closed its connection.
      server.child().stderr().await("twisted ERROR the client of b'/slow' is gone");
      assertThat(server.ask("/fetch/next").status()).isEqualTo(200);
      assertThat(server.child().stderr().lines())
          .filteredOn(line -> line.startsWith("sluice ") || line.contains("Traceback"))
          .isEmpty();
    }
  }

  @Test
  void aResultIsBegunByOneRequestAndCollectedByAnother() {
    try (Server server = serve()) {
      String number = server.ask("/begin").text();
      assertThat(server.ask("/collect?number=" + number).text()).startsWith("/begun by ");
      assertThat(server.ask("/collect?number=" + number).status()).isEqualTo(410);
    }
  }

  @Test
  void aLookUpReadsAsIfThereWereNoLoop() {
    Path program = Project.PYTHON.resolve("blocking/programs/lookup.py");
    Child.Ended ended = run(environment("twisted"), List.of(program.toString()));
    assertThat(ended.stdout()).isEqualTo("host.example is 192.0.2.7");
    assertThat(ended.stderr()).isEmpty();
    assertThat(ended.code()).isZero();
  }

  @Test
  void crochetsOwnTestsPass() {
    Path venv = environment("crochet");
    Child.Ended ended =
        run(
            venv,
            List.of(
                Project.PYTHON.resolve("crochet_suite.py").toString(),
                venv.resolve("lib/python3.13/site-packages").toString(),
                Project.LAUNCHER.toString(),
                venv.toString()));
    assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
    assertThat(ended.stderr()).containsPattern("Ran 4\\d tests in").doesNotContain("runTest");
  }
}
