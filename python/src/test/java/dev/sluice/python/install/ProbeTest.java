package dev.sluice.python.install;

import static dev.sluice.python.install.TestArtifacts.PLATFORM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeTest {
  @TempDir Path folder;

  private Probe probe() {
    return new Probe(folder.resolve("cache"), PLATFORM, Duration.ofSeconds(10));
  }

  /** A Python that counts its starts, and has a library beside it. */
  private Path countingPython(String version) throws IOException {
    Path python = folder.resolve("bin/python");
    Files.writeString(folder.resolve("library.so"), version + "\0");
    return TestArtifacts.script(
        python,
        """
        #!/bin/sh
        cat > /dev/null
        echo start >> %1$s/starts
        echo 'chatter of a sitecustomize'
        echo sluice:version=%2$s
        echo sluice:executable=%3$s
        echo sluice:base_prefix=%1$s
        echo sluice:INSTSONAME=library.so
        """
            .formatted(folder, version, python));
  }

  private long starts() throws IOException {
    return Files.readAllLines(folder.resolve("starts")).size();
  }

  @Test
  void anAnswerIsKeptUntilTheExecutableChanges() throws IOException {
    Path python = countingPython("3.13.0");

    assertThat(probe().ask(python).get("version")).isEqualTo("3.13.0");
    assertThat(probe().ask(python)).isEqualTo(probe().ask(python));
    assertThat(starts()).isEqualTo(1);

    countingPython("3.13.1");
    Files.setLastModifiedTime(python, FileTime.fromMillis(1_000_000_000_000L));
    assertThat(probe().ask(python).get("version")).isEqualTo("3.13.1");
    assertThat(starts()).isEqualTo(2);

    Files.writeString(folder.resolve("pyvenv.cfg"), "home = /elsewhere");
    probe().ask(python);
    assertThat(starts()).isEqualTo(3);
  }

  @Test
  void aLibraryThatAppearsLaterIsSeen() throws IOException {
    Path python = countingPython("3.13.0");
    Files.delete(folder.resolve("library.so"));
    assertThat(probe().ask(python).get("library")).isEmpty();

    Files.writeString(folder.resolve("library.so"), "3.13.0\0");

    assertThat(probe().ask(python).get("library"))
        .isEqualTo(folder.toRealPath().resolve("library.so").toString());
    assertThat(starts()).isEqualTo(1);
  }

  @Test
  void aLibraryOfAnotherVersionDoesNotCount() throws IOException {
    Path python = countingPython("3.13.0");
    Files.writeString(folder.resolve("library.so"), "3.13.5\0");

    assertThat(probe().ask(python).get("library")).isEmpty();
  }

  @Test
  void theAnswerOfAWrapperIsNotKept() throws IOException {
    Path real = countingPython("3.13.0");
    Path wrapper =
        TestArtifacts.script(folder.resolve("shims/python"), "#!/bin/sh\nexec " + real + "\n");

    assertThat(probe().ask(wrapper).get("executable")).isEqualTo(real.toString());
    probe().ask(wrapper);
    assertThat(starts()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "#!/bin/sh\necho 'libpython3.13.so.1.0: not found' >&2; exit 127",
        "#!/bin/sh\nexit 0",
        "\u007fELF but no program",
        "#!/bin/sh\nexec yes",
      })
  @Timeout(30)
  void whatIsNoPythonIsNamed(String script) throws IOException {
    Path file = TestArtifacts.script(folder.resolve("python"), script);

    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(() -> probe().ask(file))
        .withMessageStartingWith(file + " does not answer as a Python does: ")
        .extracting(SluiceException::code)
        .isEqualTo(PythonError.NOT_A_PYTHON);
  }

  @Test
  void whatItSaysInsteadIsPassedOn() throws IOException {
    Path file =
        TestArtifacts.script(
            folder.resolve("python"),
            "#!/bin/sh\necho 'libpython3.13.so.1.0: not found' >&2; exit 127");

    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(() -> probe().ask(file))
        .withMessageContaining("libpython3.13.so.1.0: not found");
  }

  @Test
  @Timeout(30)
  void aPythonThatHangsIsEndedWithItsChildren() throws IOException {
    Path file =
        TestArtifacts.script(
            folder.resolve("python"), "#!/bin/sh\necho $$ > " + folder + "/pid\nsleep 600\n");
    Probe impatient = new Probe(folder, PLATFORM, Duration.ofSeconds(1));

    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(() -> impatient.ask(file))
        .withMessageContaining("no answer in 1 s");

    long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void aRealPythonAnswersEverything() {
    Path python = TestArtifacts.plainPython();

    Facts facts = probe().ask(python);

    assertThat(facts.get("implementation")).isEqualTo("cpython");
    assertThat(facts.get("executable")).isEqualTo(python.toString());
    assertThat(facts.get("bits")).isEqualTo("64");
    assertThat(Path.of(facts.get("library")))
        .isEqualTo(
            python
                .resolveSibling("../" + PLATFORM.library(new PythonVersion(3, 14, 3)))
                .normalize());
    assertThat(facts.all("site_packages")).isNotEmpty();
  }
}
