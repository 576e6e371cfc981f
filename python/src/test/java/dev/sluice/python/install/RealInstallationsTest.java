package dev.sluice.python.install;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.python.install.Installation.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the real artifact and real virtual environments. */
class RealInstallationsTest {
  @TempDir Path folder;

  private static String run(Path python, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(python.toString()));
    command.addAll(List.of(arguments));
    CommandRunner.Result result =
        CommandRunner.run(new ProcessBuilder(command), new byte[0], Duration.ofMinutes(1));
    assertThat(result.succeeded()).describedAs(result.output()).isTrue();
    return result.output().strip();
  }

  @Test
  void anEnvironmentOfTheEmbeddedPython() throws IOException {
    Path venv = TestArtifacts.venv(folder.resolve("venv"));

    Installation found = TestArtifacts.real().at(venv, "--venv");

    assertThat(found.origin()).isEqualTo(Origin.OWN_LIBRARY);
    assertThat(found.prefix()).isEqualTo(venv);
    assertThat(found.executable()).isEqualTo(venv.resolve("bin/python"));
    assertThat(found.programName()).isEqualTo(found.executable());
    assertThat(found.library()).isRegularFile().hasParent(TestArtifacts.plainRoot());
    assertThat(found.describe()).isEqualTo("CPython %s of %s".formatted(found.version(), venv));
    assertThat(TestArtifacts.real().at(venv.resolve("bin/python"), "--venv")).isEqualTo(found);
  }

  @Test
  void thePrefixOfAPython() {
    Path prefix = TestArtifacts.plainRoot();

    Installation found = TestArtifacts.real().at(prefix, "--python");

    assertThat(found.prefix()).isEqualTo(prefix);
    assertThat(found.library()).hasParent(prefix);
  }

  @Test
  void theEmbeddedPythonGetsAnEnvironmentOfItsOwn() throws IOException {
    Path cache = folder.resolve("cache");
    Files.createDirectories(cache);
    Files.createSymbolicLink(cache.resolve("cpython"), TestArtifacts.CACHE.resolve("cpython"));
    TestArtifacts.plainPython();
    List<String> progress = new ArrayList<>();
    Installations installations = new Installations(cache, progress::add);

    Installation before = installations.embedded();
    assertThat(before.origin()).isEqualTo(Origin.EMBEDDED);
    assertThat(before.executable()).isEqualTo(TestArtifacts.plainPython());
    assertThat(before.describe()).isEqualTo("CPython " + before.version() + " (embedded)");

    // A process was killed while it made the environment.
    Path half = cache.resolve("env/" + before.version().minorName() + "/lib/half");
    Files.createDirectories(half);

    Path environment = installations.createEnvironment();
    installations.createEnvironment();
    Installation after = installations.embedded();

    assertThat(progress).containsExactly("making the embedded Python's environment (once)...");
    assertThat(half).doesNotExist();
    assertThat(after.origin()).isEqualTo(Origin.EMBEDDED_ENVIRONMENT);
    assertThat(after.prefix()).isEqualTo(environment);
    assertThat(after.programName()).isEqualTo(after.executable());
    assertThat(after.library()).isEqualTo(before.library());
    assertThat(run(after.executable(), "-m", "pip", "--version")).contains(environment.toString());
    assertThat(run(after.executable(), "-c", "import sys; print(sys.prefix)"))
        .isEqualTo(environment.toString());

    // Another release of the embedded Python: the environment moves to it with its packages.
    Path kept = environment.resolve("lib/python" + before.version().minorName() + "/kept.py");
    Files.writeString(kept, "");
    Files.writeString(environment.resolve(".sluice-environment"), "/older/bin/python3.14\n");
    progress.clear();
    assertThat(installations.embedded()).isEqualTo(after);
    assertThat(installations.embedded()).isEqualTo(after);
    assertThat(progress).containsExactly("upgrading the embedded Python's environment...");
    assertThat(kept).exists();
    assertThat(run(after.executable(), "-c", "print('works')")).isEqualTo("works");
  }
}
