package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.python.install.Installations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice pip}, {@code sluice python} and {@code sluice doctor}, as processes. */
class ChildCommandTest {
  @TempDir static Path folder;
  private static Path venv = Path.of("");

  @BeforeAll
  static void makeEnvironment() throws IOException {
    Path python = new Installations(TestConsole.CACHE, line -> {}).embedded().executable();
    venv = folder.resolve("venv");
    try (SluiceProcess process =
        SluiceProcess.program(
            folder, python.toString(), "-m", "venv", "--without-pip", venv.toString())) {
      assertThat(process.ended().code()).isZero();
    }
    try (Stream<Path> files = Files.list(Path.of("src/test/python/children"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
  }

  private static SluiceProcess.Ended sluice(String... arguments) throws IOException {
    try (SluiceProcess process = SluiceProcess.start(folder, arguments)) {
      return process.ended("12345");
    }
  }

  @Test
  void thePythonIsTheOneThatServeWouldUse() throws IOException {
    SluiceProcess.Ended ended = sluice("python", "--venv", "venv", "prefix.py", "7");
    assertThat(ended).isEqualTo(new SluiceProcess.Ended(7, venv + "\n", ""));

    try (SluiceProcess process =
        SluiceProcess.start(
            folder, Map.of("VIRTUAL_ENV", venv.toString()), "python", "prefix.py", "0")) {
      assertThat(process.ended().out()).isEqualTo(venv + "\n");
    }
  }

  @Test
  void itReadsOurStandardInput() throws IOException {
    assertThat(sluice("python", "--venv", "venv", "reads.py").code()).isEqualTo(5);
  }

  @Test
  void theEmbeddedPythonGetsItsEnvironmentOnFirstUse() throws IOException {
    SluiceProcess.Ended ended = sluice("pip", "--version");
    assertThat(ended.code()).describedAs(ended.err()).isZero();
    assertThat(ended.out()).contains(TestConsole.CACHE.resolve("env/3.14").toString());
    assertThat(sluice("pip", "--version").err()).isEmpty();
    assertThat(sluice("python", "prefix.py", "0").out())
        .isEqualTo(TestConsole.CACHE.resolve("env/3.14") + "\n");
  }

  @Test
  void anEnvironmentWithoutPipIsSaidToBeSo() throws IOException {
    SluiceProcess.Ended ended = sluice("pip", "--venv", "venv", "list");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err()).contains(venv + " has no pip", "ensurepip");
  }

  @Test
  void controlCIsTheChildsAndItsEndIsOurs() throws IOException {
    // The terminal would send SIGINT to both; the one sent to us alone must do nothing.
    try (SluiceProcess process =
        SluiceProcess.start(folder, "python", "--venv", "venv", "reads.py")) {
      process.await("ready");
      process.signal("INT");
      assertThat(process.ended("five.").code()).isEqualTo(5);
    }
    try (SluiceProcess process =
        SluiceProcess.start(folder, "python", "--venv", "venv", "reads.py")) {
      process.await("ready");
      process.signal("TERM");
      assertThat(process.waitForEnd().code()).isEqualTo(143);
    }
  }

  @Test
  void theDoctorSaysWhichPythonAndWhy() throws IOException {
    SluiceProcess.Ended ended = sluice("doctor", "--venv", "venv", "hello:app");
    assertThat(ended.code()).describedAs(ended.err()).isZero();
    assertThat(ended.out())
        .containsPattern("Python +CPython 3\\.14\\.\\d+ of venv\n")
        .containsPattern("why +--venv\n")
        .containsPattern("library +/.*libpython3\\.14")
        .containsPattern("prefix +" + venv)
        .containsPattern("packages +" + venv)
        .containsPattern("network +\\w+")
        .containsPattern("application +hello:app can be imported\n")
        .containsPattern("pip +none; .*ensurepip");
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void theDoctorEndsAsServeWould() throws IOException {
    assertThat(sluice("doctor", "--venv", "venv", "nothing").code())
        .isEqualTo(ExitCode.APPLICATION_NOT_FOUND);
    assertThat(sluice("doctor", "--venv", "venv", "hello:nothing").code())
        .isEqualTo(ExitCode.APPLICATION_NOT_FOUND);
    SluiceProcess.Ended raises = sluice("doctor", "--venv", "venv", "raises");
    assertThat(raises.code()).isEqualTo(ExitCode.APPLICATION_RAISED);
    assertThat(raises.err()).contains("ValueError: not configured").doesNotContain("importlib");
    SluiceProcess.Ended missing = sluice("doctor", "--venv", "gone");
    assertThat(missing.code()).isEqualTo(ExitCode.PYTHON);
    assertThat(missing.out()).contains("Java").doesNotContain("Python");
    assertThat(missing.err()).startsWith("sluice: error[SL101]").hasLineCount(1);
  }
}
