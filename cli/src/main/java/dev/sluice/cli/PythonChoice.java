package dev.sluice.cli;

import dev.sluice.python.SluiceException;
import dev.sluice.python.install.Installation;
import dev.sluice.python.install.Installations;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Which Python the settings ask for; one of --python and --venv, in the highest layer with any. */
final class PythonChoice {
  private PythonChoice() {}

  static Installation choose(
      Configuration configuration, Console console, Installations installations) {
    for (int layer = 0; layer < Configuration.LAYERS; layer++) {
      Optional<Value> python = configuration.value(Settings.PYTHON, layer);
      Optional<Value> venv = configuration.value(Settings.VENV, layer);
      if (python.isPresent() && venv.isPresent()) {
        throw new SluiceException(
            CliError.USAGE,
            "%s and %s are both set, and only one Python can be used. Leave one out."
                .formatted(python.get().shown(), venv.get().shown()));
      }
      Optional<Value> named = python.isPresent() ? python : venv;
      if (named.isPresent()) {
        return installations.at(path(named.get().text(), console), named.get().origin());
      }
    }
    String active = console.environment().getOrDefault("VIRTUAL_ENV", "");
    return active.isEmpty()
        ? installations.embedded()
        : installations.at(console.resolve(active), "$VIRTUAL_ENV");
  }

  /** A path, or the name of a program on the PATH. */
  private static Path path(String text, Console console) {
    Path path = console.resolve(text);
    if (Path.of(text).getNameCount() == 1 && !Files.exists(path)) {
      String search = console.environment().getOrDefault("PATH", "");
      for (String folder : search.split(File.pathSeparator, -1)) {
        Path program = console.resolve(folder).resolve(text);
        if (!folder.isEmpty() && Files.isRegularFile(program) && Files.isExecutable(program)) {
          return program;
        }
      }
    }
    return path;
  }
}
