package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is wrong on the command line, in the configuration, with the Python or with the application:
 * one clear message, the documented exit code, no stack of ours, nothing left running.
 */
class BadInputTest {
  private static final Path BROKEN = Project.PYTHON.resolve("broken");

  @TempDir private Path directory;

  /** Starts `serve` where it must fail; gives the one message. */
  private String fail(int code, Map<String, String> environment, String... arguments) {
    var whole = new ArrayList<>(List.of("serve"));
    whole.addAll(List.of(arguments));
    whole.addAll(List.of("--bind", "127.0.0.1:0"));
    try (Child child = Child.sluice(directory, environment, whole)) {
      child.input("");
      Child.Ended ended = child.ended(Limits.START);
      assertThat(ended.code()).as(ended.stderr()).isEqualTo(code);
      assertThat(ended.stdout()).isEmpty();
      assertThat(ended.stderr()).doesNotContain("\tat ", "Exception in thread", "importlib");
      List<String> messages =
          ended.stderr().lines().filter(line -> line.startsWith("sluice: error[SL")).toList();
      assertThat(messages).as(ended.stderr()).hasSize(1);
      assertThat(leftRunning()).isEmpty();
      return ended.stderr();
    }
  }

  private String fail(int code, String... arguments) {
    return fail(code, Map.of(), arguments);
  }

  /** Every process that has this test's own folder among its arguments. */
  private List<String> leftRunning() {
    return ProcessHandle.allProcesses()
        .flatMap(process -> process.info().commandLine().stream())
        .filter(line -> line.contains(directory.toString()))
        .toList();
  }

  private static void assertOneLine(String stderr, String... parts) {
    assertThat(stderr.strip().lines()).as(stderr).hasSize(1);
    assertThat(stderr).contains(parts);
  }

  // The application

  @Test
  void aModuleThatDoesNotExist() {
    assertOneLine(fail(3, "no_such_module:app", "--app-dir", BROKEN.toString()), "no_such_module");
  }

  @Test
  void aModuleOfAPackageThatDoesNotExist() {
    assertOneLine(
        fail(3, "no_such_package.wsgi:app", "--app-dir", BROKEN.toString()), "no_such_package");
  }

  @Test
  void anAppDirThatDoesNotExist() {
    assertOneLine(fail(2, "hello:app", "--app-dir", "no/such/folder"), "no/such/folder");
  }

  @Test
  void anAttributeThatDoesNotExist() {
    assertOneLine(
        fail(3, "attributes:application_v3", "--app-dir", BROKEN.toString()),
        "application_v3",
        "attributes.py");
  }

  @Test
  void noNameGivenAndNoneOfTheDefaultNames() {
    assertOneLine(fail(3, "attributes", "--app-dir", BROKEN.toString()), "application", "app");
  }

  @Test
  void noNameBehindTheColon() {
    assertOneLine(fail(3, "attributes:", "--app-dir", BROKEN.toString()), "attributes:app");
  }

  @Test
  void anAttributeThatIsNotCallable() {
    assertOneLine(fail(3, "attributes:number", "--app-dir", BROKEN.toString()), "number", "int");
  }

  @Test
  void anApplicationThatRaisesOnImportShowsItsOwnTraceback() {
    String stderr = fail(4, "raises:app", "--app-dir", BROKEN.toString());
    assertThat(stderr)
        .contains("Traceback (most recent call last):", "in configure")
        .contains("ConfigurationError: DATABASE_URL is not set");
    assertThat(stderr.lines().filter(line -> line.strip().startsWith("File ")))
        .as("the application's frames only")
        .hasSize(2)
        .allMatch(line -> line.contains("raises.py"));
  }

  @Test
  void anApplicationThatImportsWhatIsMissingIsNotCalledMissingItself() {
    String stderr = fail(4, "imports_missing:app", "--app-dir", BROKEN.toString());
    assertThat(stderr)
        .contains("ModuleNotFoundError: No module named 'no_such_dependency'")
        .contains("imports_missing.py\", line");
  }

  @Test
  void anApplicationThatExitsOnImport() {
    assertThat(fail(4, "exits:app", "--app-dir", BROKEN.toString())).contains("SystemExit");
  }

  @Test
  void anApplicationThatIsNotPython() throws IOException {
    Files.copy(BROKEN.resolve("syntax_error.py.txt"), directory.resolve("syntax_error.py"));
    assertThat(fail(4, "syntax_error:app")).contains("SyntaxError", "syntax_error.py", "line 3");
  }

  @Test
  void aFactoryThatRaises() {
    assertThat(fail(4, "attributes:failing_factory", "--factory", "--app-dir", BROKEN.toString()))
        .contains("LookupError: no configuration for the factory", "attributes.py\", line");
  }

  @Test
  void aFactoryThatMakesNoApplication() {
    assertOneLine(
        fail(3, "attributes:factory_of_none", "--factory", "--app-dir", BROKEN.toString()),
        "factory_of_none",
        "None");
  }

  // The network

  @Test
  void aPortInUse() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      String app = Project.EXAMPLES.resolve("wsgi").toString();
      assertOneLine(fail(5, "hello:app", "--app-dir", app, "--bind", address), address);
    }
  }

  @Test
  void theSamePortByAnotherServer() {
    String app = Project.EXAMPLES.resolve("wsgi").toString();
    try (Server server = Server.of("hello:app").appDir(Path.of(app)).start()) {
      String address = "127.0.0.1:" + server.port();
      assertOneLine(fail(5, "hello:app", "--app-dir", app, "--bind", address), address);
      assertThat(server.get("/").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void anAddressThatIsNotOurs() {
    String app = Project.EXAMPLES.resolve("wsgi").toString();
    assertOneLine(fail(5, "hello:app", "--app-dir", app, "--bind", "192.0.2.1:1"), "192.0.2.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:65536", "127.0.0.1:x", "nonsense", ":", "127.0.0.1:-1"})
  void anAddressThatIsNone(String address) {
    assertOneLine(fail(2, "hello:app", "--bind", address), address);
  }

  // The command line and the configuration

  @Test
  void anUnknownOptionIsToldWithOneThatIsAlike() {
    assertOneLine(fail(2, "hello:app", "--app-dri", "."), "--app-dri", "--app-dir");
  }

  @ParameterizedTest
  @CsvSource({
    "--threads, 0",
    "--threads, many",
    "--limit-queue, -1",
    "--limit-request-body, 1.5",
    "--timeout-drain, soon",
    "--log-level, loud",
    "--interface, fastcgi",
  })
  void aValueThatIsNone(String option, String value) {
    assertOneLine(fail(2, "hello:app", option + "=" + value), option, value);
  }

  @Test
  void noApplication() {
    assertThat(fail(2)).containsIgnoringCase("MODULE");
  }

  @Test
  void anUnknownVariableIsToldWithOneThatIsAlike() {
    assertOneLine(
        fail(2, Map.of("SLUICE_APP_DRI", "."), "hello:app"), "SLUICE_APP_DRI", "SLUICE_APP_DIR");
  }

  @Test
  void aVariableWithAValueThatIsNone() {
    assertOneLine(fail(2, Map.of("SLUICE_THREADS", "none"), "hello:app"), "SLUICE_THREADS", "none");
  }

  static Stream<Arguments> wrongFiles() {
    return Stream.of(
        argumentSet("not TOML", "[serve", "line 1"),
        argumentSet("a value of another type", "[serve]\nthreads = \"many\"", "threads"),
        argumentSet("an unknown key", "[serve]\napp-dri = \".\"", "app-dir"),
        argumentSet("an unknown table", "[srve]\nthreads = 1", "srve"),
        argumentSet("a list for one value", "[serve]\nthreads = [1, 2]", "threads"),
        argumentSet("a key outside its table", "threads = 1", "threads"));
  }

  @ParameterizedTest
  @MethodSource("wrongFiles")
  void aFileThatIsWrong(String toml, String part) throws IOException {
    Files.writeString(directory.resolve("sluice.toml"), toml);
    assertOneLine(fail(2, "hello:app"), "sluice.toml", part);
  }

  @Test
  void aFileThatIsNotText() throws IOException {
    Files.write(directory.resolve("sluice.toml"), new byte[] {'[', (byte) 0xFF, ']'});
    assertOneLine(fail(2, "hello:app"), "sluice.toml", "UTF-8");
  }

  @Test
  void aFolderInThePlaceOfTheFile() throws IOException {
    Files.createDirectory(directory.resolve("sluice.toml"));
    assertOneLine(fail(2, "hello:app"), "sluice.toml", "folder");
  }

  @Test
  void aFileThatIsNotThere() {
    assertOneLine(fail(2, "hello:app", "--config", "other.toml"), "other.toml");
  }

  // The Python

  @Test
  void aPythonThatIsNotThere() {
    assertOneLine(fail(6, "hello:app", "--python", "/no/such/python"), "/no/such/python");
  }

  @Test
  void aVenvThatIsNotThere() {
    assertOneLine(fail(6, "hello:app", "--venv", "no-venv"), "no-venv");
  }

  @Test
  void aFolderWithoutAPython() {
    String folder = directory.toString();
    assertOneLine(fail(6, "hello:app", "--venv", folder), folder);
    assertOneLine(fail(6, "hello:app", "--python", folder), folder);
    assertOneLine(fail(6, Map.of("VIRTUAL_ENV", folder), "hello:app"), folder, "VIRTUAL_ENV");
  }

  @Test
  void aFileThatIsNoPython() throws IOException {
    Path python = executable(directory.resolve("python3"), "#!/bin/sh\necho not a Python\n");
    assertOneLine(fail(6, "hello:app", "--python", python.toString()), python.toString());
  }

  @Test
  void aLibraryThatCannotBeLoaded() throws IOException {
    Path prefix = directory.resolve("prefix");
    Files.createDirectories(prefix.resolve("lib/python3.13"));
    Files.writeString(prefix.resolve("lib/libpython3.13.so.1.0"), "not a library");
    Files.createSymbolicLink(
        prefix.resolve("lib/libpython3.13.so"), Path.of("libpython3.13.so.1.0"));
    executable(prefix.resolve("bin/python3.13"), "#!/bin/sh\nexit 1\n");
    Files.createSymbolicLink(prefix.resolve("bin/python3"), Path.of("python3.13"));
    assertOneLine(fail(6, "hello:app", "--python", prefix.toString()), prefix.toString());
  }

  @Test
  void aPythonThatDoesNotStart() {
    assertOneLine(
        fail(6, Map.of("PYTHONHASHSEED", "many"), "hello:app"), "SL123", "PYTHONHASHSEED");
  }

  @Test
  void aVenvOfAnUnsupportedVersion() throws IOException {
    Path venv = directory.resolve("old-venv");
    Files.createDirectories(venv.resolve("lib/python3.8/site-packages"));
    executable(venv.resolve("bin/python"), "#!/bin/sh\necho 3.8.18\n");
    executable(venv.resolve("bin/python3.8"), "#!/bin/sh\necho 3.8.18\n");
    Files.writeString(
        venv.resolve("pyvenv.cfg"),
        "home = " + venv.resolve("bin") + "\nversion = 3.8.18\nexecutable = /usr/bin/python3.8\n");
    assertOneLine(fail(6, "hello:app", "--venv", venv.toString()), "3.8", "3.11", "3.14");
  }

  @Test
  void aRealVenvOfAnUnsupportedVersion() {
    var old =
        Stream.of("3.8.18", "3.10.13", "3.9.18")
            .map(v -> Path.of(System.getProperty("user.home"), ".pyenv/versions", v, "bin/python"))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(old.isPresent(), "no Python older than 3.11 is installed here");
    Path venv = directory.resolve("real-old-venv");
    Child.run(
        directory,
        Map.of(),
        List.of(old.orElseThrow().toString(), "-m", "venv", "--without-pip", venv.toString()));
    assertOneLine(fail(6, "hello:app", "--venv", venv.toString()), "3.11", "3.14");
  }

  private static Path executable(Path file, String text) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
