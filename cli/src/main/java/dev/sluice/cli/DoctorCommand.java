package dev.sluice.cli;

import dev.sluice.python.SluiceException;
import dev.sluice.python.install.Installation;
import dev.sluice.python.install.Installation.Origin;
import dev.sluice.python.install.Installations;
import dev.sluice.python.install.PythonVersion;
import dev.sluice.server.http.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** {@code sluice doctor}: a report on stdout, the exit code that serve would end with. */
record DoctorCommand(Console console, Invocation invocation) {
  private static final String SCRIPT = "/META-INF/sluice/sluice-cli/sluice/_doctor.py";
  private static final String MARK = "sluice:";

  /** Below this, many connections need more descriptors than the process may have. */
  private static final long FEW_FILES = 4096;

  int run() {
    List<String> operands = invocation.operands();
    if (operands.size() > 1) {
      throw Invocation.usage(invocation.command(), "it looks at one application.");
    }
    Configuration configuration = Configuration.of(console, invocation.flags());
    java();
    Installation installation =
        PythonChoice.choose(configuration, console, new Installations(console.cache()));
    python(installation);
    return environment(installation, configuration, operands);
  }

  private void say(String topic, String text) {
    console.out().println("%-12s %s".formatted(topic, text));
  }

  private void java() {
    say("Sluice", Versions.sluice() + ", with Netty " + Versions.netty());
    say("Java", Versions.java() + " in " + System.getProperty("java.home"));
    say(
        "network",
        switch (Transport.best()) {
          case EPOLL -> "epoll";
          case NIO -> "the JDK's selectors (Netty's epoll is not available here)";
        });
    openFiles();
    say("cache", console.cache().toString());
  }

  private void openFiles() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        if (line.startsWith("Max open files")) {
          String limit = line.substring("Max open files".length()).strip().split("\\s+", 2)[0];
          boolean few = !limit.equals("unlimited") && Long.parseLong(limit) < FEW_FILES;
          say(
              "open files",
              few ? limit + ": few for a busy server; raise it with ulimit -n" : limit);
        }
      }
    } catch (IOException e) {
      // Only Linux has it.
    }
  }

  private void python(Installation installation) {
    say("Python", installation.describe());
    say("  why", installation.reason());
    say("  library", installation.library().toString());
    say("  executable", installation.executable().toString());
    say("  prefix", installation.prefix().toString());
    say(
        "  version",
        "%s; supported are %s to %s"
            .formatted(
                installation.version(),
                PythonVersion.OLDEST.minorName(),
                PythonVersion.NEWEST.minorName()));
    if (installation.origin() == Origin.EMBEDDED) {
      say("  packages", "none; \"sluice pip install ...\" makes an environment for them");
    }
  }

  /** Asks the environment's own Python for the rest. */
  private int environment(
      Installation installation, Configuration configuration, List<String> operands) {
    List<String> command = new ArrayList<>();
    command.add(installation.executable().toString());
    command.add("-");
    if (!operands.isEmpty()) {
      command.add(configuration.path(Settings.APP_DIR).toString());
      command.add(operands.getFirst());
    }
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(console.directory().toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (OutputStream script = process.getOutputStream()) {
        script.write(script());
      }
      boolean none = installation.origin() == Origin.EMBEDDED;
      try (InputStream answers = process.getInputStream()) {
        new String(answers.readAllBytes(), Charset.defaultCharset())
            .lines()
            .forEach(line -> answer(line, none));
      }
      return process.waitFor();
    } catch (IOException e) {
      throw new SluiceException(
          CliError.CHILD_NOT_STARTED,
          "%s cannot be started: %s. Make the environment anew."
              .formatted(installation.executable(), e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.INTERRUPTED;
    }
  }

  private void answer(String line, boolean bare) {
    int split = line.indexOf('=');
    if (!line.startsWith(MARK) || split < 0) {
      console.out().println(line); // What the application itself printed.
      return;
    }
    String value = line.substring(split + 1);
    switch (line.substring(MARK.length(), split)) {
      case "site_packages" -> {
        if (!bare) {
          say("  packages", value);
        }
      }
      case "distributions" -> {
        if (!bare) {
          say("  installed", value.equals("1") ? "1 package" : value + " packages");
        }
      }
      case "pip" ->
          say("  pip", value.equals("-") ? "none; \"sluice python -m ensurepip\" adds it" : value);
      case "application" -> say("application", value);
      case "own_gil" -> say("own GIL", value);
      default -> console.out().println(line);
    }
  }

  private static byte[] script() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(DoctorCommand.class.getResourceAsStream(SCRIPT), SCRIPT)) {
      return in.readAllBytes();
    }
  }
}
