package dev.sluice.conformance.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** mypy, strict, as a program of its own. */
public final class TypeChecker {
  private final Path mypy =
      Pythons.environment("lint-3.13", "3.13", Project.ROOT.resolve("build/lint-requirements.txt"))
          .resolve("bin/mypy");
  private final Path folder;
  private final String sources;

  /**
   * Makes one.
   *
   * @param folder where it runs and keeps its cache
   * @param sources where modules are looked for, separated by colons
   */
  public TypeChecker(Path folder, String sources) {
    this.folder = folder;
    this.sources = sources;
  }

  /** Checks some files. */
  public Child.Ended check(Path... files) {
    var command =
        new ArrayList<>(
            List.of(
                mypy.toString(),
                "--strict",
                "--config-file=",
                "--explicit-package-bases",
                "--no-error-summary",
                "--cache-dir=" + folder.resolve("cache")));
    for (Path file : files) {
      command.add(file.toString());
    }
    try (Child child = Child.start(folder, Map.of("MYPYPATH", sources), command)) {
      child.input("");
      return child.ended(Limits.TOOL);
    }
  }

  /** Asserts that it complains of the lines that end with {@code # wrong}, and of no others. */
  public void assertFindsWhatIsWrong(Path program) throws IOException {
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
        .isNotEmpty()
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, lines.size())
                .filter(line -> lines.get(line - 1).endsWith("# wrong"))
                .mapToObj(Integer::toString)
                .toList());
  }
}
