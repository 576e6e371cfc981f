package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.python.SluiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
  @TempDir Path folder;
  private final Map<String, Value> flags = new HashMap<>();

  private Configuration configuration(String... variables) {
    TestConsole console = new TestConsole(folder);
    for (int i = 0; i < variables.length; i += 2) {
      console.with(variables[i], variables[i + 1]);
    }
    return Configuration.of(console.console(), flags);
  }

  private void flag(String name, String... values) {
    flags.put(name, new Value(List.of(values), "--" + name));
  }

  private void file(String text) throws IOException {
    Files.writeString(folder.resolve("sluice.toml"), text);
  }

  private static void fails(Runnable code, CliError error, String message) {
    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(code::run)
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"))
        .extracting(SluiceException::code)
        .isEqualTo(error);
  }

  @Test
  void defaultsHold() {
    Configuration none = configuration();
    assertThat(none.texts(ListenSettings.BIND)).containsExactly("127.0.0.1:8000");
    assertThat(none.whole(Settings.THREADS)).isEqualTo(1);
    assertThat(none.bytes(LimitSettings.LIMIT_REQUEST_BODY)).isEqualTo(1L << 30);
    assertThat(none.bytes(LimitSettings.LIMIT_REQUEST_LINE)).isEqualTo(8192);
    assertThat(none.seconds(LimitSettings.TIMEOUT_DRAIN)).isEqualTo(Duration.ofMillis(1500));
    assertThat(none.isOn(Settings.FACTORY)).isFalse();
    assertThat(none.path(Settings.APP_DIR)).isEqualTo(folder);
    assertThat(none.choice(Settings.LOG_LEVEL)).isEqualTo("info");
    assertThat(none.value(Settings.VENV)).isEmpty();
  }

  @Test
  void aFlagBeatsTheEnvironmentWhichBeatsTheFile() throws IOException {
    file("[serve]\nthreads = 2\nlimit-queue = 20\nlog-level = \"error\"\n");
    flag("threads", "4");

    Configuration configuration = configuration("SLUICE_THREADS", "3", "SLUICE_LIMIT_QUEUE", "30");

    assertThat(configuration.whole(Settings.THREADS)).isEqualTo(4);
    assertThat(configuration.whole(LimitSettings.LIMIT_QUEUE)).isEqualTo(30);
    assertThat(configuration.choice(Settings.LOG_LEVEL)).isEqualTo("error");
  }

  @Test
  void listsHaveAFormInEachPlace() throws IOException {
    assertThat(configuration("SLUICE_BIND", "a:1, unix:/b ,").texts(ListenSettings.BIND))
        .containsExactly("a:1", "unix:/b");
    file("[serve]\nbind = [\"a:1\", \"b:2\"]\n");
    assertThat(configuration().texts(ListenSettings.BIND)).containsExactly("a:1", "b:2");
    file("[serve]\nbind = \"c:3\"\n");
    assertThat(configuration().texts(ListenSettings.BIND)).containsExactly("c:3");
    flag("bind", "d:4", "e:5");
    assertThat(configuration("SLUICE_BIND", "a:1").texts(ListenSettings.BIND))
        .containsExactly("d:4", "e:5");
  }

  /** 0o660 would become 432, and true a file of that name. */
  @ParameterizedTest
  @ValueSource(strings = {"unix-mode = 0o660", "access-log = true", "bind = [8000]"})
  void whatIsATextIsWrittenAsOne(String line) throws IOException {
    file("[serve]\n" + line);
    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(this::configuration)
        .withMessageContainingAll("sluice.toml, line 2", "quotes");
  }

  @Test
  void theFilesOwnTypesAreTaken() throws IOException {
    file("[serve]\nfactory = true\ntimeout-drain = 0.25\nthreads = 8\nlimit-request-body = \"2M\"");
    Configuration configuration = configuration();
    assertThat(configuration.isOn(Settings.FACTORY)).isTrue();
    assertThat(configuration.seconds(LimitSettings.TIMEOUT_DRAIN))
        .isEqualTo(Duration.ofMillis(250));
    assertThat(configuration.whole(Settings.THREADS)).isEqualTo(8);
    assertThat(configuration.bytes(LimitSettings.LIMIT_REQUEST_BODY)).isEqualTo(2 << 20);
  }

  @ParameterizedTest
  @CsvSource({
    "threads, 0, --threads=0 is not a whole number from 1 to 1024.",
    "threads, 1025, from 1 to 1024",
    "threads, many, --threads=many",
    "limit-queue, -1, --limit-queue=-1",
    "limit-queue, 99999999999999999999, whole number",
    "limit-request-body, 1.5, --limit-request-body=1.5 is not a number of bytes",
    "limit-request-body, 9G9, number of bytes",
    "limit-request-body, 9999999999999G, number of bytes",
    "limit-request-line, 1, from 64 to 1048576",
    "timeout-drain, soon, --timeout-drain=soon is not a number of seconds",
    "timeout-drain, -1, number of seconds",
    "timeout-drain, NaN, number of seconds",
    "timeout-drain, 0x1p3, number of seconds",
    "timeout-drain, 1d, number of seconds",
    "log-level, loud, '--log-level=loud is none of debug, info, warning, error.'",
    "log-level, wraning, Did you mean warning?",
    "factory, maybe, neither true nor false",
  })
  void aValueThatIsNoneNamesItsPlace(String name, String value, String message) {
    flag(name, value);
    Configuration configuration = configuration();
    Setting setting =
        Settings.ALL.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
    fails(() -> read(configuration, setting), CliError.BAD_VALUE, message);
  }

  private static void read(Configuration configuration, Setting setting) {
    switch (setting.kind()) {
      case Setting.Whole kind -> configuration.whole(setting);
      case Setting.Bytes kind -> configuration.bytes(setting);
      case Setting.Seconds kind -> configuration.seconds(setting);
      case Setting.Choice kind -> configuration.choice(setting);
      case Setting.Switch kind -> configuration.isOn(setting);
      default -> throw new IllegalArgumentException(setting.name());
    }
  }

  @Test
  void aValueInAVariableOrAFileNamesItsPlaceToo() throws IOException {
    fails(
        () -> configuration("SLUICE_THREADS", "none").whole(Settings.THREADS),
        CliError.BAD_VALUE,
        "SLUICE_THREADS=none is not");
    file("[serve]\n\nthreads = \"many\"\n");
    fails(
        () -> configuration().whole(Settings.THREADS),
        CliError.BAD_VALUE,
        "sluice.toml, line 3: threads=many is not");
  }

  @Test
  void namesThatNobodyKnowsAreRefused() throws IOException {
    fails(
        () -> configuration("SLUICE_APP_DRI", "."),
        CliError.UNKNOWN_SETTING,
        "SLUICE_APP_DRI sets nothing that Sluice knows. Did you mean SLUICE_APP_DIR?");
    file("[serve]\napp-dri = \".\"\n");
    fails(
        this::configuration,
        CliError.UNKNOWN_SETTING,
        "sluice.toml, line 2: there is no setting \"app-dri\". Did you mean app-dir?");
    file("[srve]\nthreads = 1\n");
    fails(this::configuration, CliError.UNKNOWN_SETTING, "\"srve\". Did you mean serve?");
    file("threads = 1\n");
    fails(this::configuration, CliError.UNKNOWN_SETTING, "belongs into the table [serve]");
    file("[serve]\nconfig = \"x\"\n");
    fails(this::configuration, CliError.UNKNOWN_SETTING, "\"config\"");
  }

  @Test
  void variablesOfOthersAreLeftAlone() {
    assertThat(
            configuration(
                    "SLUICE_CACHE", "/c",
                    "SLUICE_JAVA_OPTS", "-Xmx1g",
                    "SLUICE_SERVICE_HOST", "10.0.0.1", // Kubernetes, for a service "sluice"
                    "SLUICE_PORT", "tcp://10.0.0.1:80",
                    "SLUICE_PORT_80_TCP_ADDR", "10.0.0.1",
                    "SLUICE_THREADS", "",
                    "SLUICED", "x")
                .whole(Settings.THREADS))
        .isEqualTo(1);
  }

  @Test
  void aFileThatIsNotToml() throws IOException {
    file("[serve\n");
    fails(this::configuration, CliError.BAD_FILE, "sluice.toml, line 1 is not TOML");
    file("[serve]\nthreads = {a = 1}\n");
    fails(this::configuration, CliError.BAD_VALUE, "line 2: threads is a table");
    file("[serve]\nbind = []\n");
    fails(this::configuration, CliError.BAD_VALUE, "line 2: bind is empty");
  }

  @Test
  void anotherFileMustBeThere() throws IOException {
    flag("config", "other.toml");
    fails(this::configuration, CliError.BAD_FILE, folder.resolve("other.toml") + " (--config)");
    Files.writeString(folder.resolve("other.toml"), "[serve]\nthreads = 7\n");
    assertThat(configuration().whole(Settings.THREADS)).isEqualTo(7);
    flags.clear();
    assertThat(configuration("SLUICE_CONFIG", "other.toml").whole(Settings.THREADS)).isEqualTo(7);
    fails(() -> configuration("SLUICE_CONFIG", "none.toml"), CliError.BAD_FILE, "(SLUICE_CONFIG)");
  }
}
