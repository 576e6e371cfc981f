package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.PythonTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The guard from inside: the tests in src/test/python/guard, run as programs by `sluice run`; and
 * from outside: its option.
 */
@Tag("slow")
class GuardTest {
  private static final Path FOLDER = Project.PYTHON.resolve("guard");
  private static final Path PROGRAMS = FOLDER.resolve("programs");
  private static final Path EXAMPLES = Project.EXAMPLES.resolve("guard");
  private static final List<String> MODULES =
      List.of(
          "test_policies",
          "test_places",
          "test_references",
          "test_locks",
          "test_restoring",
          "test_loops",
          "test_callbacks",
          "test_decorators",
          "test_keys",
          "test_rows",
          "test_rules_files");

  static Stream<@Nullable String> minors() {
    return PythonTests.minors();
  }

  static Stream<PythonTests.Part> parts() {
    return PythonTests.parts(MODULES);
  }

  private static Child.Ended run(@Nullable String minor, String... arguments) {
    return PythonTests.run(minor, Map.of(), Limits.START.multipliedBy(3), arguments);
  }

  @ParameterizedTest
  @MethodSource("parts")
  void itKeepsItsPromises(PythonTests.Part part) {
    Child.Ended ended = run(part.minor(), FOLDER.resolve(part.module() + ".py").toString());
    assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
    assertThat(ended.stderr()).containsPattern("Ran [1-9]\\d* tests? in");
  }

  @ParameterizedTest
  @MethodSource("minors")
  void serveForeverIsRefusedAtItsPollUntilThatIsAllowed(@Nullable String minor) {
    Child.Ended ended = run(minor, EXAMPLES.resolve("serve_forever.py").toString());
    assertThat(ended.stdout().lines())
        .as(ended.stderr())
        .satisfiesExactly(
            first -> assertThat(first).matches("select.poll at serve_forever.py:\\d+ in <module>"),
            second ->
                assertThat(second)
                    .matches(
                        "by selectors.py:\\d+ in .*select"
                            + " socketserver.py:\\d+ in BaseServer.serve_forever"),
            third -> assertThat(third).isEqualTo("3"));
    assertThat(ended.code()).isZero();
  }

  @ParameterizedTest
  @MethodSource("minors")
  void whatHasBoundSleepBeforeIsCaught(@Nullable String minor) {
    Child.Ended ended = run(minor, EXAMPLES.resolve("stray_sleep.py").toString());
    assertThat(ended.stdout()).isEqualTo("time.sleep was refused\ntime.sleep was refused");
  }

  @ParameterizedTest
  @MethodSource("minors")
  void asyncioIsWholeWhereTheGuardIsThereFirst(@Nullable String minor) {
    Child.Ended ended = run(minor, "--guard=raise", PROGRAMS.resolve("uses_asyncio.py").toString());
    assertThat(ended.stdout()).as(ended.stderr()).isEqualTo("True");
  }

  @Test
  void anOptionInstallsIt() {
    Path program = PROGRAMS.resolve("sleeps_on_a_loop.py");
    assertThat(run(null, program.toString()).stdout()).isEqualTo("slept");
    Child.Ended reported = run(null, "--guard", "report", program.toString());
    assertThat(reported.stdout()).isEqualTo("slept");
    assertThat(reported.stderr()).contains("time.sleep has blocked the loop");
    Child.Ended raised = run(null, "--guard=raise:all", program.toString());
    assertThat(raised.code()).isEqualTo(1);
    assertThat(raised.stderr()).contains("SL180", "sleeps_on_a_loop.py:");
    assertThat(run(null, "--guard=raise:dns,select", program.toString()).stdout())
        .isEqualTo("slept");
  }

  @Test
  void rulesMayStandInAFile(@TempDir Path folder) throws IOException {
    String program = PROGRAMS.resolve("sleeps_on_a_loop.py").toString();
    Path rules = folder.resolve("rules.toml");
    Files.writeString(rules, "[[rule]]\ncalls = ['time.sleep']\nfile = '*/sleeps_on_a_loop.py'\n");
    assertThat(run(null, "--guard=raise", "--guard-rules=" + rules, program).stdout())
        .isEqualTo("slept");
    Files.writeString(rules, "[[rule]]\ncall = 3\n");
    Child.Ended wrong = run(null, "--guard=raise", "--guard-rules=" + rules, program);
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.stderr()).contains(rules + ", rule 1: there is no key 'call'");
    assertThat(wrong.stderr().lines()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"shout", "raise:", "raise:nothing", "raise:all,"})
  void whatItDoesNotKnowItRefuses(String value) {
    Child.Ended ended =
        run(null, "--guard=" + value, PROGRAMS.resolve("sleeps_on_a_loop.py").toString());
    assertThat(ended.code()).isEqualTo(2);
  }
}
