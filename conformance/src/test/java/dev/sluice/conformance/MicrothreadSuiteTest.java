package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Pythons;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * CPython's own tests of its standard library in a microthread, whose blocking calls are farmed:
 * microthread_suite.py runs them, microthread_skips.txt has those that are left out.
 */
@Tag("slow")
class MicrothreadSuiteTest {
  private static final Path SUITE = Project.PYTHON.resolve("microthread_suite.py");
  private static final Path REQUIREMENTS = Project.PYTHON.resolve("microthread-requirements.txt");
  private static final Duration LIMIT = Duration.ofMinutes(12);
  private static final Pattern SUMMARY =
      Pattern.compile(
          "suspended at (\\d+) places; the loop was held up \\d+ times\\s+"
              + "(\\d+) tests, \\d+ left out, \\d+ skip themselves");

  static Stream<String> modules() {
    return Project.TIER.equals("full")
        ? Stream.of(
            "test_queue",
            "test_xmlrpc",
            "test_httpservers",
            "test_subprocess",
            "test_threading",
            "test_socket",
            "test_ssl")
        : Stream.of("test_queue");
  }

  @ParameterizedTest
  @MethodSource("modules")
  @Timeout(value = 14, unit = TimeUnit.MINUTES)
  void itDoesWhatItsOwnTestsAsk(String module) {
    Path venv = Pythons.environment("microthreads-3.13", "3.13", REQUIREMENTS);
    List<String> arguments = List.of("run", "--venv", venv.toString(), SUITE.toString(), module);
    try (Child child = Child.sluice(Project.TARGET, Map.of(), arguments)) {
      child.input("");
      Child.Ended ended = child.ended(LIMIT);
      assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
      Matcher summary = SUMMARY.matcher(ended.stdout());
      assertThat(summary.find()).as(ended.stdout()).isTrue();
      assertThat(Integer.parseInt(summary.group(1))).isPositive();
      assertThat(Integer.parseInt(summary.group(2))).isPositive();
    }
  }
}
