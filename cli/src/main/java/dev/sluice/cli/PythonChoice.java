package dev.sluice.cli;

import dev.sluice.python.SluiceException;
import dev.sluice.python.install.Installation;
import dev.sluice.python.install.Installations;
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
        return installations.at(console.resolve(named.get().text()), named.get().origin());
      }
    }
    String active = console.environment().getOrDefault("VIRTUAL_ENV", "");
    return active.isEmpty()
        ? installations.embedded()
        : installations.at(console.resolve(active), "$VIRTUAL_ENV");
  }
}
