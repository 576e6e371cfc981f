package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The program itself in a JVM of its own; or any other, for comparison. */
final class SluiceProcess implements AutoCloseable {
  private static final long LONGEST_SECONDS = 90;

  private final Process process;
  private final CompletableFuture<Void> watchdog;
  private final Path errors;
  private final BufferedReader output;
  private final StringBuilder seen = new StringBuilder();

  /** How it ended, and all that it printed. */
  record Ended(int code, String out, String err) {}

  private SluiceProcess(List<String> command, Path directory, Map<String, String> environment)
      throws IOException {
    errors = Files.createTempFile("sluice-test", ".err");
    // Shells start background jobs with SIGINT ignored, and children inherit that.
    List<String> whole =
        new ArrayList<>(List.of("env", "--default-signal=INT", "--default-signal=TERM"));
    whole.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(whole).directory(directory.toFile()).redirectError(errors.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_"));
    builder.environment().remove("VIRTUAL_ENV");
    builder.environment().put("SLUICE_CACHE", TestConsole.CACHE.toString());
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    builder.environment().putAll(environment);
    process = builder.start();
    // Reading from it cannot be interrupted, so its end is what ends a test that hangs.
    watchdog =
        CompletableFuture.runAsync(
            this::kill, CompletableFuture.delayedExecutor(LONGEST_SECONDS, TimeUnit.SECONDS));
    output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  static SluiceProcess start(Path directory, String... arguments) throws IOException {
    return start(directory, Map.of(), arguments);
  }

  static SluiceProcess start(Path directory, Map<String, String> environment, String... arguments)
      throws IOException {
    return new SluiceProcess(command(arguments), directory, environment);
  }

  /** The program's command line. */
  static List<String> command(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  static SluiceProcess program(Path directory, String... command) throws IOException {
    return new SluiceProcess(List.of(command), directory, Map.of());
  }

  /** Reads lines until the given one comes. */
  void await(String line) throws IOException {
    while (!awaitStart(line).equals(line)) {}
  }

  /** Reads lines until one begins so, and gives it. */
  String awaitStart(String beginning) throws IOException {
    String line;
    while ((line = output.readLine()) != null) {
      seen.append(line).append('\n');
      if (line.startsWith(beginning)) {
        return line;
      }
    }
    throw new AssertionError("it ended without \"" + beginning + "\": " + seen + errors());
  }

  void signal(String name) throws IOException {
    try {
      int code =
          new ProcessBuilder("kill", "-s", name, Long.toString(process.pid())).start().waitFor();
      if (code != 0) {
        throw new AssertionError("kill " + name + " failed: " + seen + errors());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  Ended ended() throws IOException {
    return ended("");
  }

  /** Gives it its input, and waits for its end. */
  Ended ended(String input) throws IOException {
    process.getOutputStream().write(input.getBytes(UTF_8));
    process.getOutputStream().close();
    return waitForEnd();
  }

  /** Waits for its end with its input open. */
  Ended waitForEnd() throws IOException {
    String line;
    while ((line = output.readLine()) != null) {
      seen.append(line).append('\n');
    }
    try {
      if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("it does not end: " + seen + errors());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    return new Ended(process.exitValue(), seen.toString(), errors());
  }

  private String errors() {
    try {
      return Files.readString(errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  @Override
  public void close() throws IOException {
    watchdog.cancel(false);
    kill();
    Files.deleteIfExists(errors);
  }
}
