package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Pythons;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
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
 * CPython's own tests of asyncio on our loop: asyncio_suite.py runs them, asyncio_skips.txt has
 * those that are left out.
 */
@Tag("slow")
class AsyncioSuiteTest {
  private static final Path SUITE = Project.PYTHON.resolve("asyncio_suite.py");
  private static final Duration LIMIT = Duration.ofMinutes(8);
  private static final Pattern SUMMARY =
      Pattern.compile("(\\d+) tests, (\\d+) left out, (\\d+) skip themselves, (\\d+) loops");

  /** Those that are about the loop and what lies below it, and are done within a minute. */
  private static final List<String> OF_THE_LOOP =
      List.of(
          "test_base_events",
          "test_buffered_proto",
          "test_events",
          "test_runners",
          "test_sendfile",
          "test_server",
          "test_sock_lowlevel",
          "test_streams",
          "test_subprocess",
          "test_threads",
          "test_unix_events",
          "test_waitfor");

  /** Not for this system. */
  private static final Pattern ELSEWHERE = Pattern.compile("test_(windows|proactor)_?\\w*");

  /** A Python by its version, null for the embedded one, and modules of its test package. */
  record Part(@Nullable String minor, List<String> modules) {
    List<String> options() {
      return minor == null ? List.of() : List.of("--python", Pythons.executable(minor).toString());
    }

    @Override
    public String toString() {
      return (minor == null ? "embedded" : minor) + " " + String.join(", ", modules);
    }
  }

  static Stream<Part> parts() {
    if (!Project.TIER.equals("full")) {
      return Stream.of(new Part("3.13", OF_THE_LOOP));
    }
    return Stream.of("3.11", "3.12", "3.13", "")
        .map(each -> each.isEmpty() ? null : each)
        .flatMap(minor -> modules(minor).map(module -> new Part(minor, List.of(module))));
  }

  /** All that this Python's test package has. */
  private static Stream<String> modules(@Nullable String minor) {
    var found = new ArrayList<String>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder(minor), "test_*.py")) {
      files.forEach(file -> found.add(file.getFileName().toString().replace(".py", "")));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    found.removeIf(module -> ELSEWHERE.matcher(module).matches());
    return found.stream().sorted();
  }

  private static Path folder(@Nullable String minor) {
    Child.Ended ended = run(new Part(minor, List.of("--where")));
    Path folder = Path.of(ended.stdout().strip());
    if (!Files.isDirectory(folder)) {
      throw new TestAbortedException("this Python has no test package: " + ended.stderr());
    }
    return folder;
  }

  private static Child.Ended run(Part part) {
    var arguments = new ArrayList<>(List.of("run"));
    arguments.addAll(part.options());
    arguments.add(SUITE.toString());
    arguments.addAll(part.modules());
    try (Child child = Child.sluice(Project.TARGET, Map.of(), arguments)) {
      child.input("");
      return child.ended(LIMIT);
    }
  }

  @ParameterizedTest
  @MethodSource("parts")
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void asyncioDoesWhatItsOwnTestsAsk(Part part) {
    Child.Ended ended = run(part);
    assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
    Matcher summary = SUMMARY.matcher(ended.stdout());
    assertThat(summary.find()).as(ended.stdout()).isTrue();
    assertThat(Integer.parseInt(summary.group(1))).isPositive();
    if (part.modules().contains("test_events")) {
      assertThat(Integer.parseInt(summary.group(4))).as("loops of ours").isGreaterThan(200);
    }
  }
}
