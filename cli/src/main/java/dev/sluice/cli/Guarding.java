package dev.sluice.cli;

import dev.sluice.guard.Guard;
import dev.sluice.guard.watch.Watching;
import dev.sluice.python.Attached;
import dev.sluice.python.Python;
import dev.sluice.python.PythonOptions;
import dev.sluice.python.SluiceException;
import java.nio.file.Path;
import java.util.List;

/**
 * The guard of {@code --guard}; on sluice-main.
 *
 * @param guard what was asked for
 * @param shown the same as the user wrote it, for messages
 * @param rules files with more rules
 */
record Guarding(Guard guard, String shown, List<Path> rules) {
  /** Copies the list. */
  Guarding {
    rules = List.copyOf(rules);
  }

  static Guarding of(Configuration configuration) {
    Value value =
        configuration
            .value(Settings.GUARD)
            .orElseGet(() -> Value.of(fallback(configuration), Settings.GUARD.flag()));
    Watching.setThreshold(configuration.seconds(Settings.STALL_THRESHOLD));
    Guard guard =
        Guard.parse(value.text())
            .orElseThrow(() ->
                new SluiceException(
                    CliError.BAD_VALUE,
                    "%s is no policy with categories. Write --guard=report, or as in"
                            .formatted(value.shown())
                        + " --guard=raise:all or --guard=raise:sleep,dns."));
    return new Guarding(guard, value.shown(), configuration.files(Settings.GUARD_RULES));
  }

  /** Microthreads wait for what is farmed out; and without a guard the page has nothing to show. */
  private static String fallback(Configuration configuration) {
    if (configuration.isOn(Settings.MICROTHREADS)) {
      return "farm";
    }
    return configuration.isEmpty(Settings.DASHBOARD) ? Settings.GUARD.fallback() : "report";
  }

  /** Opens Python, guarded before anything of the application's is imported. */
  Python open(PythonOptions options) {
    Python python = Python.openHere(options);
    try (Attached py = python.main().attach()) {
      install(py);
    } catch (RuntimeException e) {
      python.close();
      throw e;
    }
    return python;
  }

  /** Installs it in the interpreter of the scope. */
  void install(Attached py) {
    for (Path file : rules) {
      Guard.loadRules(py, file)
          .ifPresent(problem -> {
            throw new SluiceException(CliError.BAD_FILE, problem);
          });
    }
    guard
        .install(py)
        .ifPresent(problem -> {
          throw new SluiceException(CliError.BAD_VALUE, "%s: %s.".formatted(shown, problem));
        });
  }
}
