package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What is said of the errors; needs no Python. */
class PythonErrorTest {
  private static final Path PROJECT = Path.of(System.getProperty("sluice.project"));

  @Test
  void eachIsInTheTableAndSaysWhatHappened() throws IOException {
    String table = Files.readString(PROJECT.resolve("docs/errors.md"));
    List<String> source =
        Files.readAllLines(
            PROJECT.resolve("python/src/main/java/dev/sluice/python/PythonError.java"));
    for (PythonError error : PythonError.values()) {
      assertThat(table).contains("| " + error.id() + " | 6 |");
      Pattern constant = Pattern.compile("  " + error.name() + "\\(\"" + error.id() + "\"\\)[,;]");
      int line = 0;
      while (!constant.matcher(source.get(line)).matches()) {
        line++;
      }
      assertThat(source.get(line - 1)).startsWith("  /** ").endsWith(". */");
    }
  }
}
