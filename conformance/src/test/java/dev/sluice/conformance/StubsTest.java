package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Pythons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What `sluice.java.stubs` writes, mypy reads, and it is what happens. */
@Tag("slow")
class StubsTest {
  private static final Path ZOO =
      Project.ROOT.resolve("conformance/src/test/resources/programs/zoo");
  private static final Path PROGRAMS = Project.PYTHON.resolve("stubs");

  @TempDir private static Path folder;

  private static Path mypy = Path.of("");

  @BeforeAll
  static void write() {
    mypy =
        Pythons.environment(
                "lint-3.13", "3.13", Project.ROOT.resolve("build/lint-requirements.txt"))
            .resolve("bin/mypy");
    Child.Ended ended =
        Child.runSluice(
            Project.TARGET,
            Map.of(),
            "run",
            PROGRAMS.resolve("write.py").toString(),
            ZOO.toString(),
            folder.toString());
    assertThat(ended.code()).as(ended.stderr()).isZero();
    assertThat(ended.stdout()).isEqualTo(folder.resolve("zoo.pyi").toString());
  }

  private static Child.Ended check(Path... files) {
    var command = new java.util.ArrayList<String>();
    command.addAll(
        List.of(
            mypy.toString(),
            "--strict",
            "--config-file=",
            "--no-error-summary",
            "--cache-dir=" + folder.resolve("cache")));
    for (Path file : files) {
      command.add(file.toString());
    }
    try (Child child = Child.start(folder, Map.of("MYPYPATH", folder.toString()), command)) {
      child.input("");
      return child.ended(Limits.TOOL);
    }
  }

  @Test
  void theyAreStrictlyTyped() {
    Child.Ended ended = check(folder.resolve("zoo.pyi"), folder.resolve("_sluice_java.pyi"));
    assertThat(ended.stdout()).isEmpty();
    assertThat(ended.code()).as(ended.stderr()).isZero();
  }

  @Test
  void whatIsRightIsRightAndRuns() {
    Path program = PROGRAMS.resolve("visits_zoo.py");
    assertThat(check(program).stdout()).isEmpty();
    Child.Ended ended =
        Child.runSluice(
            Project.TARGET, Map.of(), "run", "--java", ZOO.toString(), program.toString());
    assertThat(ended.stderr()).isEmpty();
    assertThat(ended.stdout())
        .isEqualTo(
            """
            zoo!16
            b'ababc'
            a11-b-null
            11
            Tomynone
            [3]
            animalplan
            ['Rex', 'Tom', 'REX', 'TOM']
            ['Rex', 'Tom']
            text3
            ['a', 'b', True]
            5
            1.5 on 2020-01-02
            FISHBIRD
            zoo!7
            ['Rex', 'Tom']
            12
            nulltext
            True
            today
            CLOSED
            True\
            """);
  }

  @Test
  void whatIsWrongIsFound() throws IOException {
    Path program = PROGRAMS.resolve("errs_in_zoo.py");
    List<String> lines = Files.readAllLines(program);
    List<String> found =
        check(program)
            .stdout()
            .lines()
            .filter(line -> line.contains(": error: "))
            .map(line -> line.split(":", -1)[1])
            .distinct()
            .toList();
    assertThat(found)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, lines.size())
                .filter(line -> lines.get(line - 1).endsWith("# wrong"))
                .mapToObj(Integer::toString)
                .toList());
  }
}
