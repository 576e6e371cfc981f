package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.TypeChecker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
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

  @SuppressWarnings("NullAway.Init") // before all tests
  private static TypeChecker checker;

  @BeforeAll
  static void write() {
    checker = new TypeChecker(folder, folder.toString());
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

  @Test
  void theyAreStrictlyTyped() {
    Child.Ended ended =
        checker.check(folder.resolve("zoo.pyi"), folder.resolve("_sluice_java.pyi"));
    assertThat(ended.stdout()).isEmpty();
    assertThat(ended.code()).as(ended.stderr()).isZero();
  }

  @Test
  void whatIsRightIsRightAndRuns() {
    Path program = PROGRAMS.resolve("visits_zoo.py");
    assertThat(checker.check(program).stdout()).isEmpty();
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
    checker.assertFindsWhatIsWrong(PROGRAMS.resolve("errs_in_zoo.py"));
  }
}
