package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Pythons;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The loop from inside: the tests in src/test/python/loop, run as programs by `sluice run`. */
@Tag("slow")
class AsyncioLoopTest {
  private static final List<String> MODULES =
      List.of(
          "test_wrong_threads",
          "test_finalizers",
          "test_life",
          "test_io",
          "test_waking",
          "test_protocol");

  /** Tests on one Python; null is the embedded one. */
  record Part(@Nullable String minor, String module) {
    List<String> options() {
      return minor == null ? List.of() : List.of("--python", Pythons.executable(minor).toString());
    }

    @Override
    public String toString() {
      return module + " on " + (minor == null ? "the embedded Python" : minor);
    }
  }

  static Stream<Part> parts() {
    boolean full = Project.TIER.equals("full");
    Stream<String> minors = full ? Stream.of("3.11", "3.12", "3.13", "") : Stream.of("3.13", "");
    return minors
        .map(each -> each.isEmpty() ? null : each)
        .flatMap(minor -> MODULES.stream().map(module -> new Part(minor, module)));
  }

  private static Child.Ended run(String module, List<String> options) {
    var arguments = new ArrayList<>(List.of("run"));
    arguments.addAll(options);
    arguments.add(Project.PYTHON.resolve("loop").resolve(module + ".py").toString());
    var changes = Map.of("LOOP_TEST_TIER", Project.TIER);
    try (Child child = Child.sluice(Project.TARGET, changes, arguments)) {
      child.input("");
      return child.ended(Limits.START);
    }
  }

  @ParameterizedTest
  @MethodSource("parts")
  void itKeepsItsPromises(Part part) {
    Child.Ended ended = run(part.module(), part.options());
    assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
    assertThat(ended.stderr()).containsPattern("Ran [1-9]\\d* tests? in");
  }

  @Test
  void itRunsWhatOthersHaveWritten() {
    String venv =
        Pythons.environment("loop-3.13", "3.13", Project.PYTHON.resolve("loop-requirements.txt"))
            .toString();
    Child.Ended ended = run("test_io", List.of("--venv", venv));
    assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
    assertThat(ended.stderr()).doesNotContain("skipped");
  }
}
