package dev.sluice.conformance.harness;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A child process with its output collected; it does not outlive the tests. */
public final class Child implements AutoCloseable {
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();
  private static final List<String> DEFAULT_SIGNALS = defaultSignals();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
  }

  private final Process process;
  private final Output stdout;
  private final Output stderr;

  /** Ended: its exit code and all that it printed. */
  public record Ended(int code, String stdout, String stderr) {}

  private Child(Process process) {
    this.process = process;
    stdout = new Output("stdout", process.getInputStream());
    stderr = new Output("stderr", process.getErrorStream());
    RUNNING.add(process);
  }

  /** Starts any program, in the isolated environment with these changes. */
  public static Child start(Path directory, Map<String, String> changes, List<String> command) {
    var whole = new ArrayList<>(DEFAULT_SIGNALS);
    whole.addAll(command);
    var builder = new ProcessBuilder(whole).directory(directory.toFile());
    Project.isolate(builder.environment());
    builder.environment().putAll(changes);
    try {
      return new Child(builder.start());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Runs ./sluice with these arguments. */
  public static Child sluice(Path directory, Map<String, String> changes, List<String> arguments) {
    var command = new ArrayList<>(List.of(Project.LAUNCHER.toString()));
    command.addAll(arguments);
    return start(directory, changes, command);
  }

  /** Runs ./sluice to its end, without input. */
  public static Ended runSluice(Path directory, Map<String, String> changes, String... arguments) {
    try (Child child = sluice(directory, changes, List.of(arguments))) {
      child.input("");
      return child.ended(Limits.START);
    }
  }

  /** Runs a program that must succeed, and gives what it printed. */
  public static String run(Path directory, Map<String, String> changes, List<String> command) {
    try (Child child = start(directory, changes, command)) {
      child.input("");
      Ended ended = child.ended(Limits.TOOL);
      if (ended.code() != 0) {
        throw new AssertionError(
            command + " ended with " + ended.code() + "\n" + ended.stdout() + ended.stderr());
      }
      return ended.stdout();
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean alive() {
    return process.isAlive();
  }

  /** The memory that it has now, in kilobytes. */
  public long residentKilobytes() {
    try (var lines = Files.lines(Path.of("/proc", Long.toString(pid()), "status"))) {
      String line = lines.filter(each -> each.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", ""));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  public Output stdout() {
    return stdout;
  }

  public Output stderr() {
    return stderr;
  }

  /** Gives the child this standard input, and its end. */
  public void input(String text) {
    try (OutputStream stream = process.getOutputStream()) {
      stream.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException gone) {
      // A child that has ended does not read; its exit code is what the test looks at.
    }
  }

  /** Gives the child one more line of standard input, which stays open. */
  public void line(String text) {
    try {
      OutputStream stream = process.getOutputStream();
      stream.write((text + "\n").getBytes(StandardCharsets.UTF_8));
      stream.flush();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Sends a signal, by its name without SIG. */
  public void signal(String name) {
    try {
      var kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start();
      if (kill.waitFor() != 0) {
        throw new AssertionError("kill -" + name + " " + pid() + " failed");
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
  }

  /** How it has ended, or that it runs; for messages. */
  String endedWithin(Duration limit) {
    try {
      return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)
          ? "exit code " + process.exitValue()
          : "still running";
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /** Waits for the end. */
  public Ended ended(Duration limit) {
    try {
      if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new AssertionError(
            process.info().command().orElse("the child")
                + " is still running after "
                + limit
                + ". stdout:\n"
                + stdout.text()
                + "\nstderr:\n"
                + stderr.text());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
    RUNNING.remove(process);
    return new Ended(process.exitValue(), stdout.whole(), stderr.whole());
  }

  /** Ends whatever is left of it. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    RUNNING.remove(process);
  }

  /** A shell may have started the tests with SIGINT ignored, which children inherit: undo that. */
  private static List<String> defaultSignals() {
    List<String> reset = List.of("env", "--default-signal=INT,TERM");
    var probe = new ArrayList<>(reset);
    probe.add("true");
    try {
      return new ProcessBuilder(probe).start().waitFor() == 0 ? reset : List.of();
    } catch (IOException noSuchProgram) {
      return List.of();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }
}
