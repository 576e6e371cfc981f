package dev.sluice.python;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.python.install.PythonVersion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A plain Python that starts a JVM in its own process, with Sluice as a guest. */
@Timeout(120)
class RunningTest {
  private static final String GONE = "RuntimeError: sluice SL135: ";

  private static Path executable = Path.of("python3");
  private static PythonVersion version = PythonVersion.OLDEST;

  @BeforeAll
  static void findPython() throws Exception {
    assumeFalse(
        System.getProperty("os.name").startsWith("Windows"), "there is no dlsym on Windows");
    var installation = TestedPython.options().installation();
    executable = installation.executable();
    version = installation.ownVersion();
    assumeTrue(
        run(List.of(executable.toString(), "-c", "import ctypes")).exitCode() == 0,
        executable + " has no ctypes, without which a Python program cannot start a JVM");
  }

  private static ChildJvm.Result run(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    // What hangs would keep its output open, and this thread reading.
    CompletableFuture.delayedExecutor(100, TimeUnit.SECONDS).execute(process::destroyForcibly);
    try {
      byte[] output = process.getInputStream().readAllBytes();
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
      return new ChildJvm.Result(process.exitValue(), new String(output, UTF_8));
    } finally {
      process.destroyForcibly();
    }
  }

  /** What the program prints, which Python has to survive. */
  private static String host(String program) throws Exception {
    return host(program, "-Xss16m");
  }

  private static String host(String program, String... options) throws Exception {
    String library = System.mapLibraryName("jvm");
    Path home = Path.of(System.getProperty("java.home"));
    List<String> command =
        new ArrayList<>(
            List.of(
                executable.toString(),
                Path.of("src/test/python/host.py").toString(),
                home.resolve("lib/server").resolve(library).toString(),
                System.getProperty("java.class.path"),
                program));
    command.addAll(List.of(options));
    ChildJvm.Result result = run(command);
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).contains("the end\n").doesNotContain("wrong");
    return result.output();
  }

  /** What a program finds that Sluice has left: everything as it was. */
  private static void assertThatPythonGoesOn(String output) {
    assertThat(output)
        .contains("CloseReport[finalised=true", "SL135 the interpreter 0 is closed")
        .contains("import: ModuleNotFoundError", "fork: True\n", "thread 45\n")
        .contains("state: True called back deep 1\n");
  }

  @Test
  void joinsThePythonThatRuns() throws Exception {
    String output = host("everything");
    assertThat(output)
        .startsWith("CPython " + version + " of this process\nothers 8\n42\n")
        .contains("44\n['OSError: sluice SL14', 2]\n")
        .contains("kept: ['" + GONE, "function: ['" + GONE, "type: " + GONE);
    assertThatPythonGoesOn(output);
  }

  @Test
  void leavesTheGilToAThreadThatHoldsIt() throws Exception {
    assertThatPythonGoesOn(host("keeping_gil"));
  }

  @Test
  void knowsWhenPythonHasGivenTheGilBackUnderneath() throws Exception {
    String output = host("nested");
    assertThat(output)
        .startsWith("SL134 ")
        .contains("\nSL134 a scope", "\nother\nsubmitted\n[1]\n[1]\n[1]\nown True\n");
    assertThatPythonGoesOn(output);
  }

  @Test
  void threadsOfPythonsKeepTheirStates() throws Exception {
    String output = host("python_threads");
    assertThat(output).startsWith("own True\n".repeat(8));
    assertThatPythonGoesOn(output);
  }

  @Test
  void tasksForTheMainThreadRunAsSignalHandlersDo() throws Exception {
    String output = host("main_thread");
    assertThat(output).startsWith("at once True\nlater True\nhandled\n");
    assertThatPythonGoesOn(output);
  }

  @Test
  void tasksThatNobodyRanFail() throws Exception {
    String output = host("pending");
    assertThat(output).startsWith("ran at once: false\n").contains("SluiceException");
    assertThatPythonGoesOn(output);
  }

  @Test
  void interruptsTheMainThread() throws Exception {
    String output = host("interrupt");
    assertThat(output).contains("interrupted\n");
    assertThatPythonGoesOn(output);
  }

  @Test
  void makesInterpretersBesideTheProgramsOwn() throws Exception {
    assertThatPythonGoesOn(host("interpreters"));
  }

  @Test
  void endsWithAProgramThatHasNotClosedIt() throws Exception {
    assertThat(host("left_open")).contains("the end\natexit 1\n", "INTERPRETER_CLOSED\n");
  }

  @Test
  void leavesBesideAThreadThatStays() throws Exception {
    assertThat(host("stuck"))
        .startsWith("CloseReport[finalised=false")
        .contains("\"sleeper\"", "awake\nINTERPRETER_CLOSED\n", "fork: True\n");
  }

  @Test
  void deepRecursionIsAnExceptionWhereTheJvmKnowsTheStack() throws Exception {
    String output = host("deep");
    assertThat(output)
        .startsWith("RecursionError\nrecursion: RecursionError\nRecursionError\n")
        .doesNotContain("SL128");
    assertThatPythonGoesOn(output);
  }

  @Test
  void warnsOfAJvmWithSmallStacks() throws Exception {
    assertThat(host("everything", "-Xss1m")).contains("SL128");
  }

  @Test
  void wantsThreadingImportedWhereItWouldTakeTheWrongThreadForTheMainOne() throws Exception {
    String output = host("threading_missing");
    if (version.minor() < 13) {
      assertThat(output).startsWith("SL127 ");
    } else {
      assertThat(output).startsWith("allowed: ");
    }
  }

  @Test
  void refusesAnotherPythonAndASecondTime() throws Exception {
    String output = host("refusals");
    assertThat(
            output
                .lines()
                .map(line -> line.substring(0, Math.min(5, line.length())))
                .filter(word -> word.startsWith("SL")))
        .containsExactly("SL126", "SL126", "SL121", "SL135", "SL121");
    assertThat(output)
        .contains(
            "Open it with PythonOptions.running()", "SL121 Sluice has joined a Python program")
        .doesNotContain("CPython was opened");
    assertThatPythonGoesOn(output);
  }

  @Test
  void saysSoWhereNoPythonRuns() throws Exception {
    ChildJvm.Result result = ChildJvm.run(RunningChild.class);
    assertThat(result.output()).startsWith("SL125 ").contains("PythonOptions.embedded");
    assertThat(result.exitCode()).isZero();
  }
}
