package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Java classes for scripts: {@code --java}, and examples/alien. */
class JavaTest {
  private static final Path ALIEN = Path.of("../examples/alien").toAbsolutePath().normalize();

  @TempDir Path folder;

  private SluiceProcess.Ended run(String... arguments) throws IOException {
    try (SluiceProcess process = SluiceProcess.start(folder, arguments)) {
      return process.ended("");
    }
  }

  @Test
  void theAlienThreadCountsToThree() throws IOException {
    SluiceProcess.Ended ended = run("run", ALIEN.resolve("foo_demo.py").toString());
    assertThat(ended.out().lines()).as(ended.err()).containsExactly("0", "1", "2");
    assertThat(ended.err()).doesNotContain("Exception", "error");
    assertThat(ended.code()).isZero();
  }

  @Test
  void scriptsImportWhatTheOptionNames() throws IOException {
    Path script =
        Files.writeString(
            folder.resolve("script.py"),
            """
            import foo
            with foo.Foo(20) as f:
                f.start()
                while len(f.messages()) < 3: pass
            print(type(f))
            """);
    SluiceProcess.Ended ended = run("run", "--java", ALIEN.toString(), script.toString());
    assertThat(ended.out().lines())
        .as(ended.err())
        .startsWith("0", "1", "2")
        .endsWith("<java class 'java.Foo'>");
    assertThat(ended.code()).isZero();
  }

  @Test
  void saysWhatIsNotThere() throws IOException {
    Path script = Files.writeString(folder.resolve("script.py"), "print(1)");
    SluiceProcess.Ended ended = run("run", "--java", "nowhere.jar", script.toString());
    assertThat(ended.err()).contains("error[SL152]", "nowhere.jar").doesNotContain("\tat ");
    assertThat(ended.code()).isEqualTo(ExitCode.PYTHON);
  }
}
