package dev.sluice.cli;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.Python;
import dev.sluice.python.SluiceException;
import dev.sluice.server.Server;
import dev.sluice.server.reload.SourceWatch;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Leaves a server's sockets to a new process with the same number, which loads the application
 * afresh; on sluice-main. A process before it sees whether the application can be loaded and
 * started at all.
 *
 * @param launcher the program that started this process
 * @param arguments what it was given
 * @param folder where the application's modules are
 */
record HandOver(String launcher, List<String> arguments, Path folder) {
  /** What a new process is told: {@code PID ADDRESS...}, or {@link #CHECK}. */
  static final String VARIABLE = "SLUICE_HANDED_OVER";

  private static final String CHECK = "check";

  /** What an application may take to be loaded, started and ended. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final long LOOK_MILLIS = 50;

  /** The address is in use, as Python says it on Linux. */
  private static final Pattern HELD = Pattern.compile("\\[errno 98]", Pattern.CASE_INSENSITIVE);

  /** A new process for this invocation; null if nobody knows how this one was started. */
  static @Nullable HandOver of(Invocation invocation, Path folder) {
    String launcher = System.getProperty("sluice.launcher");
    return launcher == null ? null : new HandOver(launcher, invocation.arguments(), folder);
  }

  /** Whether this process has to do no more than to see whether the application can be started. */
  static boolean isCheck(Map<String, String> environment) {
    return environment.getOrDefault(VARIABLE, "").equals(CHECK);
  }

  /** The addresses that the process before this one has left to it; empty if there was none. */
  static List<String> addresses(Map<String, String> environment, long pid) {
    List<String> words = List.of(environment.getOrDefault(VARIABLE, "").split(" ", -1));
    // Children inherit the variable, but not the sockets.
    return words.getFirst().equals(Long.toString(pid)) ? words.subList(1, words.size()) : List.of();
  }

  /**
   * Loads, starts and ends the application in a process of its own, which is cut off as soon as the
   * server has something else to do.
   *
   * @return what that said if it cannot be done; empty if it can
   */
  String check(Python python, Stop stop) throws IOException, InterruptedException {
    try (Attached py = python.main().attach()) {
      forgetBytecode(py);
    }
    Path said = Files.createTempFile("sluice-check", ".log");
    try {
      int code = check(stop, said);
      String text = Files.readString(said, Charset.defaultCharset()).strip();
      return code == 0 ? "" : text.isEmpty() ? "it ended with " + code : text;
    } finally {
      Files.delete(said);
    }
  }

  private int check(Stop stop, Path said) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().put(VARIABLE, CHECK);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        if (stop.hasMore() || System.nanoTime() > deadline) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
        }
      }
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  /** Whether this problem may be no more than that the running application has a port. */
  static boolean isHeld(String problem) {
    return HELD.matcher(problem).find();
  }

  private void forgetBytecode(Attached py) {
    py.importModule("sluice._reload").callMethod("forget_bytecode", folder.toString()).close();
  }

  /**
   * Ends what the server does, and becomes the new process: does not return, unless that is not
   * possible here, and then the server goes on, or a signal wants it to end.
   *
   * @throws SluiceException if the sockets are free, but the process cannot be started
   */
  void go(Python python, Server server, Stop stop, Duration drain) throws InterruptedException {
    List<String> addresses = server.handOver(python, drain);
    if (!addresses.isEmpty() && !stop.isAsked()) {
      become(python, addresses);
    }
  }

  /**
   * Becomes a new process whenever sources change, because this one could not start, and nobody
   * else has the sockets; until a signal comes.
   */
  void goOnChange(Python python, List<String> addresses, SourceWatch watch, Stop stop)
      throws InterruptedException {
    watch.start(changed -> stop.post(() -> become(python, addresses)));
    stop.await();
  }

  private void become(Python python, List<String> addresses) {
    List<Integer> descriptors =
        addresses.stream()
            .map(address -> Integer.valueOf(address.substring(address.lastIndexOf(':') + 1)))
            .toList();
    String told = ProcessHandle.current().pid() + " " + String.join(" ", addresses);
    System.out.flush();
    System.err.flush();
    try (Attached py = python.main().attach()) {
      PyObject reload = py.importModule("sluice._reload");
      forgetBytecode(py);
      double limit = ServeCommand.CLOSE_LIMIT.toMillis() / 1000.0;
      reload.callMethod("take_over", launcher, arguments, told, descriptors, limit);
    } catch (RuntimeException e) {
      throw new SluiceException(
          CliError.CHILD_NOT_STARTED,
          "%s cannot be started again: %s. The server has to be started by hand."
              .formatted(launcher, Objects.requireNonNullElse(e.getMessage(), e.toString())),
          e);
    }
  }
}
