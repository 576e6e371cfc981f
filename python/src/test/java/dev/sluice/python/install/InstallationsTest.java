package dev.sluice.python.install;

import static dev.sluice.python.install.TestArtifacts.PLATFORM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import dev.sluice.python.install.Installation.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstallationsTest {
  @TempDir Path folder;
  private final List<String> progress = new ArrayList<>();

  private Installations installations() {
    Path cache = folder.resolve("cache");
    return new Installations(
        cache,
        PLATFORM,
        TestArtifacts.store(cache, folder.resolve("lib"), progress),
        new Probe(cache, PLATFORM),
        progress::add);
  }

  private void fails(Path path, PythonError code, String... parts) {
    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(() -> installations().at(path, "--venv"))
        .withMessageContaining(path.toString())
        .withMessageContaining("--venv")
        .satisfies(e -> assertThat(e).hasMessageContainingAll(parts))
        .extracting(SluiceException::code)
        .isEqualTo(code);
  }

  /** A folder in the shape of a virtual environment around a Python that answers as told. */
  private Path environment(String... answers) throws IOException {
    Path venv = folder.resolve("venv");
    Files.createDirectories(venv.resolve("lib/site-packages"));
    Files.writeString(venv.resolve("pyvenv.cfg"), "home = " + folder + "\nversion = 3.13.0\n");
    List<String> lines =
        new ArrayList<>(
            List.of(
                "executable=" + venv.resolve("bin/python"),
                "prefix=" + venv,
                "base_prefix=" + folder.resolve("base"),
                "site_packages=" + venv.resolve("lib/site-packages"),
                "site_packages=" + venv.resolve("lib/not-there"),
                "platform=linux-" + PLATFORM.architecture(),
                "bits=64",
                "implementation=cpython"));
    lines.addAll(List.of(answers));
    TestArtifacts.fakePython(venv.resolve("bin/python"), lines.toArray(String[]::new));
    return venv;
  }

  @Test
  void aPythonWithoutALibraryBorrowsTheArtifactOfItsMinorVersion() throws IOException {
    TestArtifacts.jar(folder.resolve("lib"), "3.13.5-1.5.12");
    TestArtifacts.jar(folder.resolve("lib"), "3.14.3-1.5.13");
    Path venv = environment("version=3.13.0", "INSTSONAME=libpython3.13.a");

    Installation found = installations().at(venv, "--venv");

    assertThat(found.origin()).isEqualTo(Origin.BORROWED_LIBRARY);
    assertThat(found.version()).isEqualTo(new PythonVersion(3, 13, 5));
    assertThat(found.ownVersion()).isEqualTo(new PythonVersion(3, 13, 0));
    assertThat(found.library()).isRegularFile().hasFileName(PLATFORM.library(found.version()));
    assertThat(found.programName()).isEqualTo(found.library().resolveSibling("bin/python3.13"));
    assertThat(found.executable()).isEqualTo(venv.resolve("bin/python"));
    assertThat(found.prefix()).isEqualTo(venv);
    assertThat(found.adoptedSitePackages()).containsExactly(venv.resolve("lib/site-packages"));
    assertThat(found.describe())
        .isEqualTo(
            "CPython 3.13.5 (embedded) with the packages of %s, whose own 3.13.0 has no shared library"
                .formatted(venv));
  }

  @Test
  void whereNothingCanStandInThereIsNoSilentFallback() throws IOException {
    TestArtifacts.jar(folder.resolve("lib"), "3.14.3-1.5.13");
    Path venv = environment("version=3.13.0");

    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(() -> installations().at(venv, "--venv"))
        .withMessageContaining("CPython 3.13.5")
        .extracting(SluiceException::code)
        .isEqualTo(PythonError.NO_SHARED_LIBRARY);
  }

  @ParameterizedTest
  @CsvSource({
    "version=3.10.13, VERSION_UNSUPPORTED, is Python 3.10.13",
    "version=2.7.18, VERSION_UNSUPPORTED, 3.11 to 3.14",
    "version=3.15.0a1, VERSION_UNSUPPORTED, is Python 3.15.0",
    "version=next, NOT_A_PYTHON, next",
  })
  void anUnsupportedVersionIsNamed(String answer, PythonError code, String part)
      throws IOException {
    fails(environment(answer), code, part);
  }

  @ParameterizedTest
  @CsvSource({
    "implementation=pypy, IMPLEMENTATION_UNSUPPORTED, is pypy",
    "Py_GIL_DISABLED=1, FREE_THREADED, free-threaded",
    "bits=32, ARCHITECTURE_UNSUPPORTED, 32-bit",
    "platform=linux-riscv64, ARCHITECTURE_UNSUPPORTED, riscv64",
  })
  void anotherKindOfPythonIsNamed(String answer, PythonError code, String part) throws IOException {
    Path venv = environment("version=3.13.0");
    Path python = venv.resolve("bin/python");
    // The answers of a key come in order and the first one counts: put the new one in front.
    TestArtifacts.script(
        python,
        Files.readString(python)
            .replace("cat > /dev/null", "cat > /dev/null; echo sluice:" + answer));
    fails(venv, code, part);
  }

  @Test
  void thePythonOfThisProcessIsTakenAsItIs() {
    Installation found =
        Installation.running(
            "3.13.0 (main, Oct  8 2024) [GCC 12]", "python3", "/opt/bin/python3", "/opt");
    assertThat(found.describe()).isEqualTo("CPython 3.13.0 of this process");
    assertThat(found.library()).isEqualTo(Path.of("/opt/bin/python3"));
    assertThat(found.origin()).isEqualTo(Origin.RUNNING);
  }

  @ParameterizedTest
  @CsvSource({
    "3.10.13 (main), VERSION_UNSUPPORTED, 3.10.13",
    "3.15.0a1 (main), VERSION_UNSUPPORTED, 3.15.0a1",
    "3.13.0 experimental free-threading build (main), FREE_THREADED, ordinary build",
    "3.14.0 free-threading build (main), FREE_THREADED, ordinary build",
  })
  void aPythonOfThisProcessThatDoesNotFitIsRefused(String build, PythonError code, String part) {
    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(() -> Installation.running(build, "", "/opt/bin/python3", "/opt"))
        .withMessageContaining(part)
        .matches(e -> e.code() == code);
  }

  @Test
  void nothingThere() {
    fails(folder.resolve("missing"), PythonError.NOTHING_THERE, "nothing at");
  }

  @Test
  void anOrdinaryFolder() throws IOException {
    fails(Files.createDirectory(folder.resolve("project")), PythonError.NOT_A_PYTHON, "venv");
  }

  @Test
  void anEnvironmentWhosePythonIsGone() throws IOException {
    Path venv = folder.resolve("venv");
    Files.createDirectories(venv.resolve("bin"));
    Files.createSymbolicLink(venv.resolve("bin/python"), folder.resolve("gone/python3.13"));
    fails(venv, PythonError.ENVIRONMENT_BROKEN, "leads nowhere", "--clear " + venv);

    Files.writeString(venv.resolve("pyvenv.cfg"), "home = " + folder.resolve("gone") + "\n");
    fails(venv, PythonError.ENVIRONMENT_BROKEN, folder.resolve("gone") + ", is gone");

    Path python = venv.resolve("bin/python");
    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(() -> installations().at(python, "--python"))
        .withMessageContaining("environment " + venv + " (--python) is broken");
  }

  @Test
  void anEnvironmentWhosePythonBecameAnother() throws IOException {
    fails(
        environment("version=3.14.3"),
        PythonError.ENVIRONMENT_BROKEN,
        "made for Python 3.13.0, but its Python is 3.14.3 by now");
  }

  @Test
  void anEnvironmentOfAnUnsupportedVersionIsNotEvenStarted() throws IOException {
    Path venv = environment("version=3.13.0");
    Files.writeString(venv.resolve("pyvenv.cfg"), "version_info = 3.8.18.final.0\n");
    TestArtifacts.script(venv.resolve("bin/python"), "#!/bin/sh\ntouch " + folder + "/started\n");

    fails(venv, PythonError.VERSION_UNSUPPORTED, "is Python 3.8.18");
    assertThat(folder.resolve("started")).doesNotExist();
  }
}
