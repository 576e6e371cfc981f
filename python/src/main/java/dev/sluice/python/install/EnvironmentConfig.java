package dev.sluice.python.install;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a virtual environment's pyvenv.cfg says.
 *
 * @param home the folder of the executable it was made with
 * @param version of the Python it was made for
 */
record EnvironmentConfig(Optional<Path> home, Optional<PythonVersion> version) {
  static final String FILE = "pyvenv.cfg";

  /** Empty when the folder is not a virtual environment. */
  static Optional<EnvironmentConfig> read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    String home = "";
    String version = "";
    String versionInfo = "";
    try {
      for (String line : Files.readAllLines(file)) {
        String value = line.substring(line.indexOf('=') + 1).strip();
        switch (line.substring(0, Math.max(0, line.indexOf('='))).strip()) {
          case "home" -> home = value;
          case "version" -> version = value;
          case "version_info" -> versionInfo = value; // virtualenv and uv write this one.
          default -> {}
        }
      }
    } catch (IOException e) {
      // What CPython cannot read it ignores as well.
    }
    return Optional.of(
        new EnvironmentConfig(
            home.isEmpty() ? Optional.empty() : Optional.of(Path.of(home)),
            PythonVersion.parse(versionInfo.isEmpty() ? version : versionInfo)));
  }
}
