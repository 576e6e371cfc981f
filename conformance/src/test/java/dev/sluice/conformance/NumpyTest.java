package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Pythons;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Large arrays between Java and numpy, and what numpy can and cannot. */
@Tag("slow")
class NumpyTest {
  private static final Path PROGRAM =
      Project.ROOT.resolve("conformance/src/test/resources/programs/NumpyArrays.java");

  private static Path environment = Path.of("");

  @BeforeAll
  static void install() {
    environment =
        Pythons.environment("numpy-3.13", "3.13", Project.PYTHON.resolve("numpy-requirements.txt"));
  }

  @Test
  void arraysOfAHundredMegabytesCrossInPlace() {
    String classPath =
        Child.run(Project.TARGET, Map.of(), List.of(Project.LAUNCHER.toString(), "classpath"))
            .strip();
    String output =
        Child.run(
            Project.TARGET,
            Map.of(),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                PROGRAM.toString(),
                environment.toString()));
    assertThat(output.strip())
        .isEqualTo(
            """
            to numpy: 100000000 bytes
            same address: true
            at least 10 x faster than a copy: true
            written there: 7.0
            to Java: 100000000 bytes of format d
            same address: true
            written here: 41.5
            refused: true\
            """);
  }

  @Test
  void theDoctorSaysWhyItCannotRunBesideTheMainInterpreter() {
    Child.Ended ended =
        Child.runSluice(
            Project.TARGET, Map.of(), "doctor", "numpy", "--venv", environment.toString());
    assertThat(ended.code()).as("it is no web application").isEqualTo(3);
    assertThat(ended.stdout())
        .contains("own GIL      no: ", "numpy", "does not support loading in subinterpreters");
    Child.Ended json =
        Child.runSluice(
            Project.TARGET, Map.of(), "doctor", "json", "--venv", environment.toString());
    assertThat(json.stdout())
        .contains("own GIL      json can be imported in an interpreter with a GIL of its own");
  }
}
