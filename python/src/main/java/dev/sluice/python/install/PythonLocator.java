package dev.sluice.python.install;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the executable that a user means by a path: itself, or inside a folder. */
final class PythonLocator {
  private final Platform platform;

  PythonLocator(Platform platform) {
    this.platform = platform;
  }

  /**
   * @param path absolute: an executable, a virtual environment or a prefix
   * @param reason who named it
   */
  Path executable(Path path, String reason) {
    if (Files.isDirectory(path)) {
      return inFolder(path, reason);
    }
    if (Files.exists(path)) {
      return path;
    }
    if (Files.isSymbolicLink(path)) {
      throw broken(path.resolve("../..").normalize(), reason, "%s leads nowhere".formatted(path));
    }
    throw new SluiceException(
        PythonError.NOTHING_THERE,
        "there is nothing at %s (%s). Check the path; \"python3 -m venv DIR\" makes an environment."
            .formatted(path, reason));
  }

  private Path inFolder(Path folder, String reason) {
    Optional<EnvironmentConfig> config = EnvironmentConfig.read(folder);
    Optional<Path> home = config.flatMap(EnvironmentConfig::home);
    if (home.isPresent() && !Files.isDirectory(home.get())) {
      throw broken(
          folder, reason, "the Python it was made with, in %s, is gone".formatted(home.get()));
    }
    config
        .flatMap(EnvironmentConfig::version)
        .ifPresent(version -> Requirements.checkVersion(folder, version, reason));
    List<Path> candidates = candidates(folder);
    Optional<Path> found = candidates.stream().filter(Files::isRegularFile).findFirst();
    if (found.isPresent()) {
      return found.get();
    }
    Optional<Path> dangling = candidates.stream().filter(Files::isSymbolicLink).findFirst();
    if (dangling.isPresent()) {
      throw broken(folder, reason, "%s leads nowhere".formatted(dangling.get()));
    }
    if (config.isPresent()) {
      throw broken(
          folder, reason, "there is no %s in it".formatted(platform.environmentExecutable()));
    }
    throw new SluiceException(
        PythonError.NOT_A_PYTHON,
        ("%s (%s) is neither a virtual environment nor the prefix of a Python: there is no %s in"
                + " it. \"python3 -m venv DIR\" makes an environment.")
            .formatted(folder, reason, platform.environmentExecutable()));
  }

  private List<Path> candidates(Path folder) {
    List<Path> candidates = new ArrayList<>();
    candidates.add(folder.resolve(platform.environmentExecutable()));
    candidates.add(folder.resolve("bin/python3"));
    for (int minor = PythonVersion.NEWEST.minor(); minor >= PythonVersion.OLDEST.minor(); minor--) {
      candidates.add(folder.resolve("bin/python3." + minor));
    }
    candidates.add(folder.resolve("python.exe"));
    return candidates;
  }

  static SluiceException broken(Path environment, String reason, String what) {
    return new SluiceException(
        PythonError.ENVIRONMENT_BROKEN,
        "the environment %s (%s) is broken: %s. Make it anew: python3 -m venv --clear %s"
            .formatted(environment, reason, what, environment));
  }
}
