package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import dev.sluice.python.install.Installation;
import dev.sluice.python.install.Installations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** --python and --venv, else $VIRTUAL_ENV, else the embedded Python. */
class PythonChoiceTest {
  @TempDir Path folder;
  private final Map<String, Value> flags = new HashMap<>();
  private TestConsole console = new TestConsole(Path.of(""));
  private Path python = Path.of("");

  @BeforeEach
  void embedded() {
    console = new TestConsole(folder);
    python = new Installations(TestConsole.CACHE, line -> {}).embedded().executable();
  }

  private Installation choose() {
    return PythonChoice.choose(
        Configuration.of(console.console(), flags),
        console.console(),
        new Installations(TestConsole.CACHE, line -> {}));
  }

  private void flag(String name, Path value) {
    flags.put(name, Value.of(value.toString(), "--" + name));
  }

  private void failsFor(String reason) {
    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(this::choose)
        .withMessageContaining("(" + reason + ")")
        .extracting(SluiceException::code)
        .isEqualTo(PythonError.NOTHING_THERE);
  }

  @Test
  void withoutAnythingItIsTheEmbeddedOne() {
    console.with("VIRTUAL_ENV", "");
    assertThat(choose().reason()).isEqualTo(Installations.DEFAULT_REASON);
  }

  @Test
  void theActiveEnvironmentBeatsTheEmbeddedOne() {
    console.with("VIRTUAL_ENV", "no-such-environment");
    failsFor("$VIRTUAL_ENV"); // And is never passed over.
  }

  @Test
  void eitherFlagBeatsTheActiveEnvironment() {
    console.with("VIRTUAL_ENV", "no-such-environment");
    flag("python", python);
    assertThat(choose().reason()).isEqualTo("--python");
    flags.clear();
    flag("venv", python.resolve("../..")); // A prefix will do.
    assertThat(choose().reason()).isEqualTo("--venv");
  }

  @Test
  void aFlagOfOneKindBeatsAVariableOfTheOther() {
    console.with("SLUICE_VENV", "no-such-environment");
    failsFor("SLUICE_VENV");
    flag("python", python);
    assertThat(choose().reason()).isEqualTo("--python");
  }

  @Test
  void theFileIsAsked() throws IOException {
    Files.writeString(folder.resolve("sluice.toml"), "[serve]\nvenv = \"no-such-environment\"\n");
    failsFor("sluice.toml, line 2: venv");
    console.with("SLUICE_PYTHON", python.toString());
    assertThat(choose().reason()).isEqualTo("SLUICE_PYTHON");
  }

  @Test
  void aProgramOnThePathMayBeNamed() throws IOException {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Files.createSymbolicLink(bin.resolve("my-python"), python);
    console.with("PATH", "/nowhere:" + bin);
    flags.put("python", Value.of("my-python", "--python"));
    assertThat(choose().reason()).isEqualTo("--python");
    flags.put("python", Value.of("./my-python", "--python"));
    failsFor("--python");
  }

  @Test
  void bothInOnePlaceContradictEachOther() {
    flag("python", python);
    flag("venv", folder);
    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(this::choose)
        .withMessageContaining("--python=")
        .withMessageContaining("--venv=")
        .extracting(SluiceException::code)
        .isEqualTo(CliError.USAGE);
  }
}
