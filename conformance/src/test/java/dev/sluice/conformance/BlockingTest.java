package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.PythonTests;
import dev.sluice.conformance.harness.Pythons;
import dev.sluice.conformance.harness.TypeChecker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Blocking code that drives a loop, from inside: the tests in src/test/python/blocking, run as
 * programs by `sluice run`; and from outside: how programs end, and what type checkers see.
 */
@Tag("slow")
class BlockingTest {
  private static final Path FOLDER = Project.PYTHON.resolve("blocking");
  private static final Path PROGRAMS = FOLDER.resolve("programs");
  private static final Map<String, String> CHANGES =
      Map.of("BLOCKING_GUIDE", Project.ROOT.resolve("docs/guide/threads-and-loops.md").toString());
  private static final List<String> MODULES =
      List.of(
          "test_wait_for",
          "test_results",
          "test_ending",
          "test_graph",
          "test_imports",
          "test_waits",
          "test_table");

  @TempDir private static Path directory;

  static Stream<@Nullable String> minors() {
    return PythonTests.minors();
  }

  static Stream<PythonTests.Part> parts() {
    return PythonTests.parts(MODULES);
  }

  private static Child.Ended run(@Nullable String minor, String... arguments) {
    return PythonTests.run(minor, CHANGES, Limits.START, arguments);
  }

  /** Standard error, but for what the first use of the embedded Python says. */
  private static List<String> complaints(Child.Ended ended) {
    return ended.stderr().lines().filter(line -> !line.contains("unpacking CPython")).toList();
  }

  @ParameterizedTest
  @MethodSource("parts")
  void itKeepsItsPromises(PythonTests.Part part) {
    Child.Ended ended = run(part.minor(), FOLDER.resolve(part.module() + ".py").toString());
    assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
    assertThat(ended.stderr())
        .containsPattern("Ran [1-9]\\d* tests? in")
        .doesNotContain("never awaited", "never retrieved", "destroyed but it is pending");
  }

  @ParameterizedTest
  @MethodSource("minors")
  void aProgramEndsWithItsLoop(@Nullable String minor) {
    Child.Ended ended = run(minor, PROGRAMS.resolve("ends.py").toString());
    assertThat(ended.stdout().lines())
        .containsExactly(
            "main: 0",
            "after the main thread: 3",
            "registered after: 4",
            "the task has cleaned up",
            "LoopStopped",
            "registered before: LoopStopped");
    assertThat(complaints(ended)).isEmpty();
    assertThat(ended.code()).isZero();
  }

  @Test
  void whoHoldsTheEndUpIsNamed() {
    long began = System.nanoTime();
    Child.Ended ended = run(null, PROGRAMS.resolve("held_up.py").toString());
    assertThat(ended.stdout()).isEqualTo("main is over");
    assertThat(ended.stderr())
        .contains("SL172: the loop did not end within 5.0 seconds", "keeps_it(), called at")
        .contains("Thread sluice-loop-0 is still in")
        .contains("in keeps_it");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(28));
  }

  @Test
  void whoeverWaitsForWhatRefusesToEndIsTold() {
    Child.Ended ended = run(null, PROGRAMS.resolve("stubborn.py").toString());
    assertThat(ended.stdout()).startsWith("main is over\nnot yet").contains("sluice SL167: ");
    assertThat(ended.stderr()).contains("SL172: ", "stubborn(), called at ");
  }

  @Test
  void failuresThatNobodyCollectedAreLoggedAtTheEnd() {
    Child.Ended ended = run(null, PROGRAMS.resolve("lost.py").toString());
    assertThat(ended.stdout()).isEqualTo("LookupError('collected')");
    assertThat(ended.stderr())
        .containsOnlyOnce("LookupError: kept by a global")
        .containsOnlyOnce("LookupError: stashed")
        .contains("fails(), called at ", "lost.py:19")
        .doesNotContain("LookupError: collected");
  }

  @Test
  void aProcessWithoutJavaSaysSo() {
    Child.Ended ended = run(null, PROGRAMS.resolve("spawns.py").toString());
    assertThat(ended.stdout()).isEqualTo("1");
    assertThat(ended.stderr()).contains("ImportError: there is no Java in this process");
  }

  private static Child.Ended runWithTwisted(String program) {
    Path venv =
        Pythons.environment(
            "twisted-3.13", "3.13", Project.PYTHON.resolve("twisted-requirements.txt"));
    var command =
        List.of("run", "--venv", venv.toString(), FOLDER.resolve(program + ".py").toString());
    try (Child child = Child.sluice(Project.TARGET, CHANGES, command)) {
      child.input("");
      return child.ended(Limits.START);
    }
  }

  @Test
  void crochetsNamesDoWhatTheyDoThere() {
    Child.Ended ended = runWithTwisted("test_crochet");
    assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
    assertThat(ended.stderr())
        .containsPattern("Ran [1-9]\\d* tests? in")
        .doesNotContain("skipped", "Unhandled error", "never awaited");
  }

  @Test
  void twistedsReactorIsStoppedAtTheEnd() {
    Child.Ended ended = runWithTwisted("programs/crochet_ends");
    assertThat(ended.stdout().lines())
        .containsExactly(
            "main is over",
            "before shutdown",
            "and a little later",
            "after shutdown",
            "ReactorStopped");
    assertThat(complaints(ended)).isEmpty();
  }

  @Test
  void orRunByTheProgram() {
    Child.Ended ended = runWithTwisted("programs/crochet_no_setup");
    assertThat(ended.stdout())
        .isEqualTo("in a thread of the pool: 3\nsluice._loop\nReactorStopped");
    assertThat(complaints(ended)).isEmpty();
    assertThat(ended.code()).isZero();
  }

  @Test
  void anotherReactorIsRefused() {
    Child.Ended ended = runWithTwisted("programs/crochet_late");
    assertThat(ended.stdout()).isEqualTo("True sluice SL170\nTrue sluice SL170");
  }

  private static TypeChecker checker() {
    String sources =
        String.join(
            ":",
            Stream.of("python", "bridge", "guard", "server", "cli")
                .map(module -> Project.ROOT.resolve(module + "/src/main/python").toString())
                .toList());
    return new TypeChecker(directory, sources);
  }

  @Test
  void typeCheckersSeeTheSignaturesThatAreCalled() {
    Path program = PROGRAMS.resolve("typed.py");
    assertThat(checker().check(program).stdout()).isEmpty();
    Child.Ended ended = run(null, program.toString());
    assertThat(ended.stdout()).isEqualTo("3 A ['a', 'a'] Shop corner");
    assertThat(complaints(ended)).isEmpty();
  }

  @Test
  void andFindWhatIsWrong() throws IOException {
    checker().assertFindsWhatIsWrong(PROGRAMS.resolve("typed_wrong.py"));
  }
}
