package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bridge.BridgeError;
import dev.sluice.guard.GuardError;
import dev.sluice.python.ErrorCode;
import dev.sluice.python.PythonError;
import dev.sluice.server.ServerError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Model.OptionSpec;

/** docs/options.md and docs/errors.md say what the program does. */
class DocumentationTest {
  private static List<String> lines(String file) throws IOException {
    return Files.readAllLines(Path.of("../docs").resolve(file));
  }

  /** The line of the table that a setting must have. */
  private static String row(Setting setting) {
    String fallback =
        setting.fallback().isEmpty() || setting.kind() instanceof Setting.Switch
            ? ""
            : "`" + setting.fallback() + "`";
    String key = setting == Settings.CONFIG ? "" : "`" + setting.name() + "`";
    String value = setting.label().isEmpty() ? "" : " " + setting.label().replace("|", "\\|");
    return "| `%s%s` | `%s` | %s | %s | %s |"
        .formatted(setting.flag(), value, setting.environmentName(), key, fallback, setting.help());
  }

  private static Stream<Setting> settings() {
    return Settings.ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void everyOptionIsListedAsTheProgramKnowsIt(Setting setting) throws IOException {
    assertThat(lines("options.md")).contains(row(setting));
  }

  @Test
  void nothingElseIsListed() throws IOException {
    List<String> listed =
        lines("options.md").stream().filter(line -> line.startsWith("| `--")).toList();
    assertThat(listed).containsExactlyElementsOf(settings().map(DocumentationTest::row).toList());
  }

  @ParameterizedTest
  @EnumSource
  void picocliKnowsExactlyThese(Command command) {
    List<String> flags =
        CommandLineModel.of(command).getCommandSpec().options().stream()
            .map(OptionSpec::longestName)
            .toList();
    List<String> expected =
        Stream.concat(command.settings().stream().map(Setting::flag), Stream.of("--help")).toList();
    assertThat(flags).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(Settings.ALL).containsAll(command.settings());
  }

  private static Stream<ErrorCode> codes() {
    return Stream.of(
            PythonError.values(),
            BridgeError.values(),
            GuardError.values(),
            ServerError.values(),
            CliError.values())
        .flatMap(Arrays::stream);
  }

  @ParameterizedTest
  @MethodSource("codes")
  void everyErrorIsListedWithItsExitCode(ErrorCode code) throws IOException {
    assertThat(lines("errors.md"))
        .filteredOn(line -> line.startsWith("| " + code.id() + " | " + ExitCode.of(code) + " | "))
        .hasSize(1);
  }

  @Test
  void codesAreUniqueAndOfTheRightHundred() {
    assertThat(codes().map(ErrorCode::id)).doesNotHaveDuplicates();
    assertThat(PythonError.values()).allMatch(code -> code.id().startsWith("SL1"));
    assertThat(ServerError.values()).allMatch(code -> code.id().matches("SL[23]\\d\\d"));
    assertThat(CliError.values()).allMatch(code -> code.id().startsWith("SL4"));
  }
}
