package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each line of docs/behaviour.md is held by tests that exist. */
class BehaviourTest {
  private static final Path DOCUMENT = Project.ROOT.resolve("docs/behaviour.md");
  private static final Pattern LINK = Pattern.compile("\\[(\\w+)\\.(\\w+)\\]\\(([^)]+)\\)");
  private static final String HEADING = "| case | what happens | test |";

  /** The rows of the tables that have tests. */
  static List<String> rows() throws IOException {
    var lines = Files.readAllLines(DOCUMENT);
    return Stream.iterate(0, i -> i < lines.size(), i -> i + 1)
        .filter(i -> lines.get(i).equals(HEADING))
        .flatMap(i -> lines.stream().skip(i + 2L).takeWhile(line -> line.startsWith("|")))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void eachLineNamesTestsThatExist(String row) throws IOException {
    List<MatchResult> links = LINK.matcher(row).results().toList();
    assertThat(links).as("the tests that hold it").isNotEmpty();
    for (MatchResult link : links) {
      Path file = DOCUMENT.resolveSibling(link.group(3)).normalize();
      assertThat(file).isRegularFile().hasFileName(link.group(1) + ".java");
      assertThat(isTest(Files.readString(file), link.group(2))).as(link.group()).isTrue();
    }
  }

  /**
   * Whether there is such a method, and the lines between the one before and it say it is a test.
   */
  private static boolean isTest(String source, String method) {
    int declared =
        Math.max(
            source.indexOf(" void " + method + "("),
            source.indexOf(" Stream<DynamicContainer> " + method + "("));
    if (declared < 0) {
      return false;
    }
    int before = Math.max(source.lastIndexOf("\n  }\n", declared), source.indexOf("class "));
    String annotations = source.substring(before, declared);
    // @Test or @TestFactory
    return annotations.contains("@Test") || annotations.contains("@ParameterizedTest");
  }

  @Test
  void thereAreMany() throws IOException {
    assertThat(rows()).hasSizeGreaterThan(90);
  }
}
