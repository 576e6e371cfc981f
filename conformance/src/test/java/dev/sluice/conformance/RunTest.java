package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * `sluice run` is Python, seen from outside: arguments, streams, exit codes, tracebacks, signals.
 */
class RunTest {
  private static final Path SCRIPTS = Project.PYTHON.resolve("scripts");

  @BeforeAll
  static void scriptsAreThere() {
    assertThat(Files.isDirectory(SCRIPTS)).isTrue();
  }

  private static Child start(String... arguments) {
    var whole = Stream.concat(Stream.of("run"), Stream.of(arguments)).toList();
    return Child.sluice(SCRIPTS, Map.of(), whole);
  }

  private static Child.Ended run(String... arguments) {
    try (Child child = start(arguments)) {
      child.input("");
      return child.ended(Limits.START);
    }
  }

  @Test
  void aScriptSeesItselfItsArgumentsAndItsFolder() {
    String script = SCRIPTS.resolve("show.py").toString();
    Child.Ended ended = run(script, "a", "--option", "--help", "b c");
    assertThat(ended.code()).as(ended.stderr()).isZero();
    assertThat(ended.stdout().lines())
        .containsExactly(
            "name __main__",
            "file " + script,
            "argv ['a', '--option', '--help', 'b c']",
            "path " + SCRIPTS,
            "input None",
            "atexit ran");
    assertThat(ended.stderr()).isEmpty();
  }

  @Test
  void standardInputIsTheScripts() {
    try (Child child = start("show.py", "-")) {
      child.input("caf\u00e9\nsecond\n");
      Child.Ended ended = child.ended(Limits.START);
      assertThat(ended.code()).as(ended.stderr()).isZero();
      assertThat(ended.stdout()).contains("input caf\u00e9\nsecond\n").contains("atexit ran");
    }
  }

  @Test
  void aModuleRunsWithM() {
    Child.Ended ended = run("-m", "package_main", "x", "-y");
    assertThat(ended.stderr()).isEmpty();
    assertThat(ended.code()).isZero();
    assertThat(ended.stdout()).isEqualTo("package package_main ['x', '-y']");
  }

  @ParameterizedTest
  @CsvSource({"0, 0, ''", "7, 7, ''", "255, 255, ''", "none, 0, ''", "text, 1, a message"})
  void theExitCodeIsTheScripts(String argument, int code, String stderr) {
    Child.Ended ended = run("ends.py", argument);
    assertThat(ended.code()).isEqualTo(code);
    assertThat(ended.stderr()).isEqualTo(stderr);
  }

  @Test
  void aTracebackShowsTheScriptAndNothingElse() {
    Child.Ended ended = run("fails.py");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.stdout()).isEmpty();
    List<String> files =
        ended.stderr().lines().filter(line -> line.strip().startsWith("File ")).toList();
    assertThat(files).hasSize(2).allMatch(line -> line.contains("fails.py"));
    assertThat(ended.stderr())
        .startsWith("Traceback (most recent call last):")
        .endsWith("ValueError: the script's own mistake")
        .doesNotContain("\tat ", "sluice");
  }

  @Test
  void sigintInterruptsASleepAndTheExitCodeSaysSo() {
    try (Child child = start("sleeps.py")) {
      child.stdout().await(line -> line.equals("sleeping"), Limits.START);
      child.signal("INT");
      Child.Ended ended = child.ended(Limits.ANSWER);
      assertThat(ended.code()).as(ended.stderr()).isEqualTo(130);
      assertThat(ended.stderr()).contains("KeyboardInterrupt").doesNotContain("\tat ");
    }
  }

  @Test
  void aScriptMayCatchTheInterrupt() {
    try (Child child = start("sleeps.py", "catch")) {
      child.stdout().await(line -> line.equals("sleeping"), Limits.START);
      child.signal("INT");
      Child.Ended ended = child.ended(Limits.ANSWER);
      assertThat(ended.code()).as(ended.stderr()).isEqualTo(3);
      assertThat(ended.stdout()).isEqualTo("sleeping\ncaught\nfinally ran");
      assertThat(ended.stderr()).isEmpty();
    }
  }

  @Test
  void sigtermEndsAScript() {
    try (Child child = start("sleeps.py")) {
      child.stdout().await(line -> line.equals("sleeping"), Limits.START);
      child.signal("TERM");
      assertThat(child.ended(Limits.STOP).code()).isEqualTo(143);
    }
  }

  @Test
  void theProgramEndsWithItsLastThread() {
    Child.Ended ended = run("threads.py");
    assertThat(ended.stdout()).isEqualTo("main done\nlate thread done");
    assertThat(ended.code()).isZero();
  }

  @Test
  void recursionThroughCIsARecursionError() {
    Child.Ended ended = run("recursion.py");
    assertThat(ended.stdout()).as(ended.stderr()).isEqualTo("RecursionError");
    assertThat(ended.code()).isZero();
  }

  @Test
  void aScriptThatIsNotThereIsOneMessage() {
    Child.Ended ended = run("no_such_script.py");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.stderr()).contains("no_such_script.py").doesNotContain("\tat ", "Traceback");
  }

  @Test
  void sluicePythonIsTheSamePython() {
    Child.Ended ended =
        Child.runSluice(
            SCRIPTS, Map.of(), "python", "-c", "import sys; print(sys.version_info[:2])");
    assertThat(ended.code()).as(ended.stderr()).isZero();
    assertThat(ended.stdout()).isEqualTo("(3, 14)");
  }
}
