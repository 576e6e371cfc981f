package dev.sluice.python.install;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs a short command on the caller's thread, bounded in time and in output. */
final class CommandRunner {
  private static final int MOST_OUTPUT = 1 << 20;

  /** How file names come out of other programs here. */
  private static final Charset FILE_NAMES =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private CommandRunner() {}

  /**
   * What a command printed, on both its outputs together.
   *
   * @param exitCode meaningless when it timed out
   */
  record Result(int exitCode, boolean timedOut, String output) {
    boolean succeeded() {
      return !timedOut && exitCode == 0;
    }

    /** The last line that says something, which is where programs say what went wrong. */
    String lastLine() {
      return output
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .reduce((first, second) -> second)
          .orElse("it printed nothing");
    }
  }

  /** Runs it to its end, or kills it and its children when the time is over. */
  static Result run(ProcessBuilder command, byte[] input, Duration limit) throws IOException {
    Process process = command.redirectErrorStream(true).start();
    AtomicBoolean timedOut = new AtomicBoolean();
    CompletableFuture<Void> watchdog =
        CompletableFuture.runAsync(
            () -> {
              timedOut.set(true);
              kill(process);
            },
            CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS));
    try {
      try (OutputStream in = process.getOutputStream()) {
        in.write(input);
      } catch (IOException e) {
        // It ended, or closed its input, without reading: its exit code says the rest.
      }
      String output;
      try {
        output = read(process.getInputStream());
      } catch (IOException e) {
        if (!timedOut.get()) {
          throw e;
        }
        output = ""; // kill() closes the stream under its reader.
      }
      return new Result(process.waitFor(), timedOut.get(), output);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      watchdog.cancel(false);
      kill(process);
    }
  }

  private static String read(InputStream stream) throws IOException {
    byte[] output = stream.readNBytes(MOST_OUTPUT);
    stream.close(); // Whoever prints without end ends here, by SIGPIPE.
    return new String(output, FILE_NAMES);
  }

  private static void kill(Process process) {
    if (process.isAlive()) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
