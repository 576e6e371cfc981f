package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir Path folder;

  private TestConsole console() {
    return new TestConsole(folder);
  }

  @Test
  void withoutACommandTheCommandsAreShownOnStderr() {
    TestConsole console = console();
    assertThat(console.run()).isEqualTo(ExitCode.USAGE);
    assertThat(console.out()).isEmpty();
    for (Command command : Command.values()) {
      assertThat(console.err()).contains(command.word(), command.summary().substring(0, 20));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"help", "--help", "-h"})
  void helpIsNoError(String word) {
    TestConsole console = console();
    assertThat(console.run(word)).isZero();
    assertThat(console.err()).isEmpty();
    assertThat(console.out()).contains("Commands:", "serve", "doctor");
  }

  @ParameterizedTest
  @EnumSource
  void everyCommandHasHelpWithItsOptions(Command command) {
    TestConsole first = console();
    TestConsole second = console();
    assertThat(first.run(command.word(), "--help")).isZero();
    assertThat(second.run("help", command.word())).isZero();
    assertThat(first.out()).isEqualTo(second.out()).startsWith("Usage: sluice " + command.word());
    assertThat(first.out().lines()).allMatch(line -> line.length() <= 100);
    for (Setting setting : command.settings()) {
      assertThat(first.out()).contains(setting.name());
    }
  }

  @Test
  void anUnknownCommandIsOneMessage() {
    TestConsole console = console();
    assertThat(console.run("serv", "hello:app")).isEqualTo(ExitCode.USAGE);
    assertThat(console.out()).isEmpty();
    assertThat(console.err())
        .startsWith("sluice: error[SL401]: there is no command \"serv\". Did you mean serve?")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"version", "--version", "-V"})
  void versionsAreNamed(String word) {
    TestConsole console = console();
    assertThat(console.run(word)).isZero();
    assertThat(console.out()).containsPattern("CPython 3\\.14\\.\\d+ \\(embedded\\)");
    assertThat(console.out()).containsPattern("Netty   4\\.2\\.\\d+");
    assertThat(console.out()).contains("Java    " + Runtime.version().feature());
  }

  @Test
  void theClassPathIsAbsolute() {
    TestConsole console = console();
    assertThat(console.run("classpath")).isZero();
    assertThat(console.out().strip().split(File.pathSeparator, -1))
        .isNotEmpty()
        .allMatch(entry -> Path.of(entry).isAbsolute());
  }

  @Test
  void aBugOfOursIsOneMessageWithoutAStack() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Console console =
        new Console(Map.of(), folder, folder, failing(), new PrintStream(said, true, UTF_8));

    assertThat(Main.run(console, "version")).isEqualTo(ExitCode.INTERNAL);

    assertThat(said.toString(UTF_8))
        .startsWith("sluice: error[SL499]: java.lang.IllegalStateException: no more paper.")
        .hasLineCount(1);
  }

  private static PrintStream failing() {
    return new PrintStream(OutputStream.nullOutputStream(), false) {
      @Override
      public void println(String line) {
        throw new IllegalStateException("no more paper");
      }
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "run"})
  void theOperandMustBeThere(String command) {
    TestConsole console = console();
    assertThat(console.run(command)).isEqualTo(ExitCode.USAGE);
    assertThat(console.err()).startsWith("sluice: error[SL401]: sluice " + command).hasLineCount(1);
  }
}
