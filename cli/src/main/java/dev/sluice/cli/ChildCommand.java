package dev.sluice.cli;

import dev.sluice.python.SluiceException;
import dev.sluice.python.install.Installation;
import dev.sluice.python.install.Installation.Origin;
import dev.sluice.python.install.Installations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * {@code sluice pip} and {@code sluice python}: the environment's own Python as a child process, on
 * the same terminal.
 */
record ChildCommand(Console console, Invocation invocation) {
  private static final int SIGINT = 2;

  int run() {
    Installation installation = environment();
    List<String> command = new ArrayList<>();
    command.add(installation.executable().toString());
    if (invocation.command() == Command.PIP) {
      command.addAll(List.of("-m", "pip"));
    }
    command.addAll(invocation.operands());
    int code = run(command);
    if (invocation.command() == Command.PIP && code != ExitCode.OK && !hasPip(installation)) {
      console
          .err()
          .println(
              "sluice: %s has no pip. \"sluice python -m ensurepip\" puts it there."
                  .formatted(installation.prefix()));
    }
    return code;
  }

  /** What serve would choose; the embedded Python in its environment, made now when need be. */
  private Installation environment() {
    Configuration configuration = Configuration.of(console, invocation.flags());
    Installations installations = new Installations(console.cache());
    Installation chosen = PythonChoice.choose(configuration, console, installations);
    if (chosen.origin() != Origin.EMBEDDED) {
      return chosen;
    }
    installations.createEnvironment();
    return installations.embedded();
  }

  private int run(List<String> command) {
    AtomicReference<@Nullable Process> child = new AtomicReference<>();
    AtomicBoolean ending = new AtomicBoolean();
    // Ctrl-C reaches the child by itself, for the terminal sends it to both; it decides what to do.
    // Not ignored but handled, for what is ignored stays so in the child.
    Signals.handle(number -> {
      if (number != SIGINT) {
        ending.set(true);
        end(child.get());
      }
    });
    try {
      Process started =
          new ProcessBuilder(command).directory(console.directory().toFile()).inheritIO().start();
      child.set(started);
      // The signal may have come before there was a child to pass it on to.
      if (ending.get()) {
        end(started);
      }
      return started.waitFor();
    } catch (IOException e) {
      throw new SluiceException(
          CliError.CHILD_NOT_STARTED,
          "%s cannot be started: %s. \"sluice doctor\" says more."
              .formatted(command.getFirst(), e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(child.get());
      return ExitCode.INTERRUPTED;
    }
  }

  private static void end(@Nullable Process process) {
    if (process != null) {
      process.destroy();
    }
  }

  private static boolean hasPip(Installation installation) {
    Path packages =
        installation
            .prefix()
            .resolve("lib/python" + installation.ownVersion().minorName() + "/site-packages/pip");
    return !Files.exists(installation.prefix().resolve("pyvenv.cfg")) || Files.exists(packages);
  }
}
