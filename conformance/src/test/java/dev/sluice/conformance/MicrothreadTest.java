package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Pythons;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Microthreads from inside: the tests in src/test/python/microthread, run as programs by `sluice
 * run` in environments that have greenlet.
 */
@Tag("slow")
class MicrothreadTest {
  private static final Path FOLDER = Project.PYTHON.resolve("microthread");
  private static final Path REQUIREMENTS = Project.PYTHON.resolve("microthread-requirements.txt");
  private static final Path OWN_GIL =
      Project.ROOT.resolve("conformance/src/test/resources/programs/MicrothreadsOwnGil.java");
  private static final List<String> MODULES =
      List.of(
          "test_thousand",
          "test_locks",
          "test_io",
          "test_waits",
          "test_sharing",
          "test_descriptors",
          "test_hazards",
          "test_service");
  private static final boolean FULL = Project.TIER.equals("full");

  /** Tests on one Python. */
  record Part(String minor, String module) {
    @Override
    public String toString() {
      return module + " on " + minor;
    }
  }

  private static Stream<String> minors() {
    return FULL ? Stream.of("3.11", "3.12", "3.13", "3.14") : Stream.of("3.11", "3.14");
  }

  static Stream<Part> parts() {
    return minors().flatMap(minor -> MODULES.stream().map(module -> new Part(minor, module)));
  }

  private static Child.Ended run(List<String> options, Path program, Map<String, String> environ) {
    var command = new ArrayList<>(List.of("run"));
    command.addAll(options);
    command.add(program.toString());
    try (Child child = Child.sluice(Project.TARGET, environ, command)) {
      child.input("");
      return child.ended(Limits.START.multipliedBy(5));
    }
  }

  private static Child.Ended run(String minor, Path program, Map<String, String> environ) {
    Path venv = Pythons.environment("microthreads-" + minor, minor, REQUIREMENTS);
    return run(List.of("--venv", venv.toString()), program, environ);
  }

  @ParameterizedTest
  @MethodSource("parts")
  void theyKeepTheirPromises(Part part) {
    Child.Ended ended = run(part.minor(), FOLDER.resolve(part.module() + ".py"), Map.of());
    assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
    assertThat(ended.stderr()).containsPattern("Ran [1-9]\\d* tests? in");
  }

  @ParameterizedTest
  @MethodSource("minors")
  void theySurviveCollections(String minor) {
    String seconds = FULL ? "60" : "10";
    Child.Ended ended = run(minor, FOLDER.resolve("stress.py"), Map.of("STRESS_SECONDS", seconds));
    assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
    assertThat(ended.stdout()).containsPattern("[1-9]\\d* microthreads, [1-9]\\d* switches");
  }

  @Test
  void aThousandSleepersRunOnOneThread() {
    Child.Ended ended = run("3.14", Project.EXAMPLES.resolve("microthreads/thousand.py"), Map.of());
    assertThat(ended.stdout()).as(ended.stderr()).contains("1,000 functions slept 0.2 s each");
  }

  /** As it is where greenlet is missing, whatever this Python has. */
  private static final Map<String, String> WITHOUT_GREENLET = Map.of("WITHOUT_GREENLET", "1");

  @Test
  void itSaysHowGreenletIsInstalled() {
    Path spawns = FOLDER.resolve("programs/spawns.py");
    assertThat(run("3.14", spawns, Map.of()).stdout()).isEqualTo("spawned");
    assertThat(run("3.14", spawns, WITHOUT_GREENLET).stdout())
        .contains("SL190")
        .containsPattern("sluice pip --venv \\S*microthreads-3.14 install greenlet")
        .doesNotContain("spawned");
    assertThat(run(List.of(), spawns, WITHOUT_GREENLET).stdout())
        .contains("SL190", "sluice pip install greenlet")
        .doesNotContain("spawned");
  }

  @Test
  void interpretersWithAGilOfTheirOwnHaveNone() {
    Path venv = Pythons.environment("microthreads-3.14", "3.14", REQUIREMENTS);
    String classPath =
        Child.run(Project.TARGET, Map.of(), List.of(Project.LAUNCHER.toString(), "classpath"))
            .strip();
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command = new ArrayList<>(List.of(java, "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", classPath, OWN_GIL.toString(), venv.toString()));
    assertThat(Child.run(Project.TARGET, Map.of(), command))
        .contains("SL192", "GIL of its own")
        .doesNotContain("spawned");
  }
}
