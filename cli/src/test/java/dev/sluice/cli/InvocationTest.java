package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.python.SluiceException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InvocationTest {
  private static Invocation parse(Command command, String... arguments) {
    return Invocation.parse(command, List.of(arguments));
  }

  private static Value flag(Invocation invocation, String name) {
    return Objects.requireNonNull(invocation.flags().get(name), name);
  }

  @Test
  void optionsComeWithAndWithoutAnEqualsSign() {
    Invocation serve =
        parse(Command.SERVE, "--bind", "a:1", "hello:app", "--bind=b:2", "--threads=3");

    assertThat(serve.operands()).containsExactly("hello:app");
    assertThat(flag(serve, "bind")).isEqualTo(new Value(List.of("a:1", "b:2"), "--bind"));
    assertThat(flag(serve, "threads").text()).isEqualTo("3");
    assertThat(serve.flags()).hasSize(2);
  }

  @Test
  void theLastOfSeveralCounts() {
    assertThat(flag(parse(Command.SERVE, "--threads=1", "--threads=2", "x"), "threads").text())
        .isEqualTo("2");
  }

  @Test
  void aSwitchCanBeTurnedOffAgain() {
    assertThat(flag(parse(Command.SERVE, "--factory", "x"), "factory").text()).isEqualTo("true");
    assertThat(flag(parse(Command.SERVE, "--no-factory", "x"), "factory").text())
        .isEqualTo("false");
  }

  @Test
  void whatFollowsAScriptIsTheScripts() {
    Invocation run =
        parse(Command.RUN, "--venv", "dir", "script.py", "--help", "--venv", "x", "@file");

    assertThat(flag(run, "venv").text()).isEqualTo("dir");
    assertThat(run.operands()).containsExactly("script.py", "--help", "--venv", "x", "@file");
    assertThat(run.help()).isFalse();
  }

  @Test
  void whatFollowsAModuleIsTheModules() {
    assertThat(parse(Command.RUN, "--log-level=debug", "-m", "http.server", "--bind", "x"))
        .satisfies(run -> {
          assertThat(run.operands()).containsExactly("-m", "http.server", "--bind", "x");
          assertThat(flag(run, "log-level").text()).isEqualTo("debug");
        });
  }

  @Test
  void pipAndPythonGetEverythingThatIsNotOurs() {
    assertThat(parse(Command.PIP, "install", "--upgrade", "flask").operands())
        .containsExactly("install", "--upgrade", "flask");
    assertThat(parse(Command.PYTHON, "-c", "print()").operands()).containsExactly("-c", "print()");
    assertThat(parse(Command.PYTHON, "--version").operands()).containsExactly("--version");
    Invocation pip = parse(Command.PIP, "--venv=dir", "--quiet", "list", "--venv=dir");
    assertThat(pip.operands()).containsExactly("--quiet", "list", "--venv=dir");
    assertThat(flag(pip, "venv").text()).isEqualTo("dir");
    assertThat(parse(Command.PYTHON, "--", "--venv").operands()).containsExactly("--venv");
  }

  @ParameterizedTest
  @CsvSource({
    "SERVE, --app-dri=x, there is no option --app-dri=x. Did you mean --app-dir?",
    "SERVE, --bind, --bind",
    "SERVE, -x, there is no option -x.",
    "RUN, --venw=dir, there is no option --venw=dir. Did you mean --venv?",
    "VERSION, --verbose, there is no option --verbose.",
    "CLASSPATH, word, it takes no argument",
  })
  void whatCannotBeUnderstoodIsOneMessage(Command command, String argument, String message) {
    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(() -> parse(command, argument))
        .withMessageContaining(message)
        .withMessageContaining("sluice " + command.word() + " --help")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"))
        .extracting(SluiceException::code)
        .isEqualTo(CliError.USAGE);
  }
}
