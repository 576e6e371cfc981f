package dev.sluice.python.install;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The embedded Python's own virtual environment in the user's cache, where {@code sluice pip}
 * installs. A venv cannot be built beside and renamed, for it holds its own path; so a marker in
 * it, written last, says for which Python it was made. Without the marker it is half made and is
 * made anew; made for another release or place of the embedded Python, it is upgraded and keeps its
 * packages.
 */
final class EmbeddedEnvironment {
  private static final String MARKER = ".sluice-environment";
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final Path folder;
  private final Path python;
  private final Platform platform;
  private final Consumer<String> progress;

  /**
   * @param python the embedded interpreter's executable
   */
  EmbeddedEnvironment(
      Path cache,
      PythonVersion version,
      Path python,
      Platform platform,
      Consumer<String> progress) {
    this.folder = folder(cache, version);
    this.python = python;
    this.platform = platform;
    this.progress = progress;
  }

  private static Path folder(Path cache, PythonVersion version) {
    return cache.resolve("env").resolve(version.minorName());
  }

  /** Whether it was ever made; then {@link #make} is quick or does nothing. */
  boolean exists() {
    return Files.isRegularFile(folder.resolve(MARKER));
  }

  Path folder() {
    return folder;
  }

  Path executable() {
    return folder.resolve(platform.environmentExecutable());
  }

  /** Makes it, or brings it up to date, unless it is as it should be. */
  void make() {
    try {
      if (!isCurrent()) {
        Path lock = folder.resolveSibling(folder.getFileName() + ".lock");
        CacheLock.alone(lock, progress, this::makeAlone);
      }
    } catch (IOException e) {
      throw ArtifactStore.unusable("make the environment", folder, e);
    }
  }

  private void makeAlone() throws IOException {
    if (isCurrent()) {
      return; // Another process was quicker.
    }
    if (exists()) {
      progress.accept("upgrading the embedded Python's environment...");
      venv(List.of("--upgrade", "--without-pip"));
    } else {
      progress.accept("making the embedded Python's environment (once)...");
      Unpacker.delete(folder);
      venv(List.of());
    }
    Files.writeString(folder.resolve(MARKER), python + "\n");
  }

  private boolean isCurrent() throws IOException {
    return exists()
        && Files.readString(folder.resolve(MARKER)).strip().equals(python.toString())
        && Files.isExecutable(executable());
  }

  private void venv(List<String> options) throws IOException {
    List<String> command = new ArrayList<>(List.of(python.toString(), "-I", "-m", "venv"));
    command.addAll(options);
    command.add(folder.toString());
    CommandRunner.Result result =
        CommandRunner.run(new ProcessBuilder(command), new byte[0], LIMIT);
    if (!result.succeeded()) {
      throw new SluiceException(
          PythonError.ENVIRONMENT_NOT_MADE,
          "cannot make the embedded Python's environment %s: %s. Delete that folder and try again."
              .formatted(
                  folder,
                  result.timedOut()
                      ? "no end in %d s".formatted(LIMIT.toSeconds())
                      : result.lastLine()));
    }
  }
}
