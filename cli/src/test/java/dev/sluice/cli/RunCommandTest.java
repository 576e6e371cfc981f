package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.python.install.Installations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sluice run} beside the python it stands for: the same output, errors and exit code. */
class RunCommandTest {
  private static final Path PROGRAMS = Path.of("src/test/python/programs").toAbsolutePath();

  @TempDir static Path folder;
  private static Path python = Path.of("");

  @BeforeAll
  static void prepare() throws IOException {
    python = new Installations(TestConsole.CACHE, line -> {}).embedded().executable();
    Files.createDirectory(folder.resolve("empty"));
    try (Stream<Path> files = Files.walk(PROGRAMS)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(PROGRAMS.relativize(file).toString().replace(".py.txt", ".py"));
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  private static SluiceProcess.Ended python(String input, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(python.toString()));
    command.addAll(List.of(arguments));
    try (SluiceProcess process = SluiceProcess.program(folder, command.toArray(String[]::new))) {
      return process.ended(input);
    }
  }

  private static SluiceProcess.Ended run(String input, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("run", "--python", python.toString()));
    command.addAll(List.of(arguments));
    try (SluiceProcess process = SluiceProcess.start(folder, command.toArray(String[]::new))) {
      return process.ended(input);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "view.py a --option",
        "./view.py",
        "chained.py",
        "hooked.py",
        "hook_fails.py",
        "hook_exits.py",
        "in_thread.py",
        "exits.py none",
        "exits.py text",
        "exits.py list",
        "exits.py true",
        "exits.py 3",
        "exits.py -1",
        "exits.py 256",
        "os_exit.py",
        "raises_interrupt.py",
        "closes.py",
        "syntax_error.py",
        "folder x",
        "empty",
        "-m package.fails -y",
        "-m package",
        "-m no_such_module",
        "-mpackage.fails",
      })
  void aProgramIsRunAsPythonRunsIt(String line) throws IOException {
    String[] arguments = line.split(" ", -1);

    SluiceProcess.Ended expected = python("", arguments);
    SluiceProcess.Ended actual = run("", arguments);

    assertThat(actual).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-", "/dev/stdin"})
  void aProgramMayComeFromStandardInput(String path) throws IOException {
    String program = Files.readString(folder.resolve("chained.py"));
    assertThat(run(program, path, "a")).isEqualTo(python(program, path, "a"));
  }

  @Test
  void compiledProgramsAndArchivesAreRun() throws IOException {
    assertThat(python("", "-m", "compileall", "-q", "-b", "chained.py").code()).isZero();
    assertThat(python("", "-m", "zipapp", "folder", "-o", "app.pyz").code()).isZero();

    assertThat(run("", "chained.pyc")).isEqualTo(python("", "chained.pyc"));
    assertThat(run("", "app.pyz", "x")).isEqualTo(python("", "app.pyz", "x"));
  }

  @Test
  void thePromptHasJava() throws IOException {
    SluiceProcess.Ended ended =
        run(
            """
            from sluice import java
            java.type("java.lang.Math").abs(-1234)
            """,
            "-m",
            "code");
    assertThat(ended.out()).contains("1234");
    assertThat(ended.code()).isZero();
    assertThat(run("").err()).contains("SL401", "\"sluice run -m code\" is a prompt.");
  }

  @Test
  void aScriptThatIsNotThereIsOneMessage() throws IOException {
    SluiceProcess.Ended ended = run("", "nothing.py");
    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err())
        .startsWith("sluice: error[SL405]: there is no script " + folder.resolve("nothing.py"))
        .hasLineCount(1);
  }
}
