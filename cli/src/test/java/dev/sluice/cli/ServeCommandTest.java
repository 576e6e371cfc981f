package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How {@code sluice serve} begins and ends; the conformance suites test what is between. */
class ServeCommandTest {
  private static final Path APPLICATIONS = Path.of("src/test/python/applications").toAbsolutePath();

  private static SluiceProcess serve(String... more) throws IOException {
    String[] arguments = new String[more.length + 3];
    arguments[0] = "serve";
    arguments[1] = "--bind";
    arguments[2] = "127.0.0.1:0";
    System.arraycopy(more, 0, arguments, 3, more.length);
    return SluiceProcess.start(APPLICATIONS, Map.of(), arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalWhileTheApplicationIsImportedEndsItAtOnce(String signal) throws IOException {
    try (SluiceProcess process = serve("imports_slowly")) {
      process.await("importing");
      process.signal(signal);
      SluiceProcess.Ended ended = process.ended();
      assertThat(ended.code()).isEqualTo(ExitCode.OK);
      assertThat(ended.err().lines().filter(line -> !line.contains("unpacking"))).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void theApplicationsOwnHandlersDoNotKeepTheServer(String signal) throws IOException {
    try (SluiceProcess process = serve("own_handlers:app")) {
      String banner = process.awaitStart("Sluice ");
      assertThat(banner)
          .matches(
              "Sluice \\S+ serves own_handlers:app \\(WSGI\\) on CPython 3\\.14\\.\\d+"
                  + " \\(embedded\\) at http://127\\.0\\.0\\.1:\\d+");
      process.signal(signal);
      SluiceProcess.Ended ended = process.ended();
      assertThat(ended.code()).isEqualTo(ExitCode.OK);
      assertThat(ended.out()).isEqualTo(banner + "\n");
      assertThat(ended.err()).isEmpty();
    }
  }

  /** As shells start what runs in the background of a script. */
  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void soDoSignalsThatItWasStartedToIgnore(String signal) throws IOException {
    List<String> command = new ArrayList<>(List.of("env", "--ignore-signal=" + signal));
    command.addAll(SluiceProcess.command("serve", "--bind", "127.0.0.1:0", "quiet:app"));
    try (SluiceProcess process =
        SluiceProcess.program(APPLICATIONS, command.toArray(String[]::new))) {
      process.awaitStart("Sluice ");
      process.signal(signal);
      assertThat(process.ended().code()).isEqualTo(ExitCode.OK);
    }
  }

  /** As nohup starts it. */
  @Test
  void aHangUpThatItWasStartedToIgnoreStaysIgnored() throws IOException {
    List<String> command = new ArrayList<>(List.of("env", "--ignore-signal=HUP"));
    command.addAll(SluiceProcess.command("serve", "--bind", "127.0.0.1:0", "quiet:app"));
    try (SluiceProcess process =
        SluiceProcess.program(APPLICATIONS, command.toArray(String[]::new))) {
      process.awaitStart("Sluice ");
      process.signal("HUP");
      process.signal("TERM");
      assertThat(process.ended().code()).isEqualTo(ExitCode.OK);
    }
  }

  @Test
  void anExitFunctionThatHangsDoesNotKeepItEither() throws IOException {
    try (SluiceProcess process = serve("exits_slowly", "--timeout-drain=0.1")) {
      process.awaitStart("Sluice ");
      process.signal("TERM");
      SluiceProcess.Ended ended = process.ended();
      assertThat(ended.code()).isEqualTo(ExitCode.OK);
      assertThat(ended.err()).contains("exit functions", "did not end in time").hasLineCount(1);
    }
  }

  @Test
  void whatIsWrongIsSaidBeforePythonIsLookedFor() throws IOException {
    try (SluiceProcess process = serve("hello:app", "--threads=0", "--venv=gone")) {
      SluiceProcess.Ended ended = process.ended();
      assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
      assertThat(ended.err()).startsWith("sluice: error[SL402]: --threads=0").hasLineCount(1);
    }
  }
}
