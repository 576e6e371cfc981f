package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Pythons;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/**
 * The queue from inside: the tests in src/test/python/queue, run as programs by `sluice run`; where
 * signals have to come often, those run plain Python in their turn.
 */
@Tag("slow")
class SafeQueueTest {
  private static final Path FOLDER = Project.PYTHON.resolve("queue");
  private static final boolean FULL = Project.TIER.equals("full");

  /** For five seconds of stress, a minute in the full tier, in thirteen kinds, here and plain. */
  private static final Duration LIMIT = Duration.ofMinutes(FULL ? 25 : 6);

  private static final Pattern SIGNALS =
      Pattern.compile("^plain interrupts: (\\d+) signals", Pattern.MULTILINE);
  private static final Pattern SUMMARY = Pattern.compile("(\\d+) tests, (\\d+) left out");

  /** Tests on one Python; null is the embedded one. */
  record Part(@Nullable String minor, String module) {
    @Override
    public String toString() {
      return module + " on " + (minor == null ? "the embedded Python" : minor);
    }
  }

  private static Stream<@Nullable String> minors() {
    Stream<String> minors = FULL ? Stream.of("3.11", "3.12", "3.13", "") : Stream.of("3.11", "");
    return minors.map(each -> each.isEmpty() ? null : each);
  }

  static Stream<Part> parts() {
    var modules =
        List.of(
            "test_safe_queue",
            "test_places",
            "test_async_queue",
            "test_logging",
            "test_logging_ends",
            "test_stress");
    return minors().flatMap(minor -> modules.stream().map(module -> new Part(minor, module)));
  }

  static Stream<Part> suites() {
    return minors().map(minor -> new Part(minor, "simple_queue_suite"));
  }

  private static Child.Ended run(Part part, String... arguments) {
    var command = new ArrayList<>(List.of("run"));
    if (part.minor() != null) {
      command.addAll(List.of("--python", Pythons.executable(part.minor()).toString()));
    }
    command.add(FOLDER.resolve(part.module() + ".py").toString());
    command.addAll(List.of(arguments));
    var changes = Map.of("QUEUE_TEST_TIER", Project.TIER);
    try (Child child = Child.sluice(Project.TARGET, changes, command)) {
      child.input("");
      return child.ended(LIMIT);
    }
  }

  @ParameterizedTest
  @MethodSource("parts")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void itKeepsItsPromises(Part part) {
    Child.Ended ended = run(part);
    assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
    assertThat(ended.stderr()).containsPattern("Ran [1-9]\\d* tests? in");
    if (part.module().equals("test_stress")) {
      Matcher signals = SIGNALS.matcher(ended.stdout());
      assertThat(signals.find()).as(ended.stdout()).isTrue();
      // One each 200 us would be 5,000 a second; other processes want the processors, too.
      int least = 200 * (FULL ? 60 : 5);
      assertThat(Integer.parseInt(signals.group(1))).isGreaterThan(least);
    }
  }

  @ParameterizedTest
  @MethodSource("suites")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void itDoesWhatTheTestsOfSimpleQueueAsk(Part part) {
    if (!run(part, "--where").stdout().contains("test_queue")) {
      throw new TestAbortedException("this Python has no test package");
    }
    Child.Ended ended = run(part);
    assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
    Matcher summary = SUMMARY.matcher(ended.stdout());
    assertThat(summary.find()).as(ended.stdout()).isTrue();
    assertThat(Integer.parseInt(summary.group(1))).isGreaterThan(10);
    assertThat(ended.stderr()).doesNotContain("skipped");
  }

  @ParameterizedTest
  @MethodSource("minors")
  void locksMadeOfItPassTheTestsOfSignals(@Nullable String minor) {
    var part = new Part(minor, "threadsignals_suite");
    if (!run(part, "--where").stdout().contains("test_threadsignals")) {
      throw new TestAbortedException("this Python has no test package");
    }
    Child.Ended ended = run(part);
    assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
    assertThat(ended.stdout())
        .contains(
            "alone: 6 tests, 0 skipped",
            "beside a loop: 6 tests, 0 skipped",
            "within a pass: 6 tests, 0 skipped");
  }
}
