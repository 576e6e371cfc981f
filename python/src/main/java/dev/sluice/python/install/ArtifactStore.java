package dev.sluice.python.install;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.ZipException;

/**
 * The embedded Pythons: artifacts, and the folders of the cache they are unpacked into. A folder
 * appears under its name only when it is whole: it is unpacked beside, under a lock, then renamed.
 * Its marker is written last, so that a folder damaged later by hand is seen and made anew.
 */
final class ArtifactStore {
  private static final String MARKER = ".sluice-complete";

  private final Path cache;
  private final Platform platform;
  private final Places places;
  private final MavenRepository maven;
  private final Consumer<String> progress;

  /**
   * @param places where artifacts may lie that came with Sluice
   */
  ArtifactStore(
      Path cache,
      Platform platform,
      Places places,
      MavenRepository maven,
      Consumer<String> progress) {
    this.cache = cache;
    this.platform = platform;
    this.places = places;
    this.maven = maven;
    this.progress = progress;
  }

  /** The newest Python that came with Sluice. */
  Artifact shipped() {
    List<String> looked = new ArrayList<>();
    for (int i = 0; i < places.count(); i++) {
      Optional<Path> place = places.get(i);
      if (place.isEmpty()) {
        continue;
      }
      Artifact best = null;
      for (Artifact artifact : artifactsIn(place.get())) {
        if (artifact.version().supported()
            && (best == null || artifact.version().compareTo(best.version()) > 0)) {
          best = artifact;
        }
      }
      if (best != null) {
        return best;
      }
      looked.add(place.get().toString());
    }
    throw new SluiceException(
        PythonError.NO_EMBEDDED_PYTHON,
        ("no embedded Python for %1$s: no cpython-*-%1$s.jar in %2$s. Build Sluice again on this"
                + " machine, or name a Python with --python or --venv.")
            .formatted(
                platform.classifier(),
                looked.isEmpty() ? "the class path" : String.join(" or ", looked)));
  }

  /** The embedded Python that has the ABI of another: shipped, or from Maven. */
  Artifact sameMinor(PythonVersion version) {
    for (int i = 0; i < places.count(); i++) {
      for (Artifact artifact : places.get(i).map(this::artifactsIn).orElse(List.of())) {
        if (artifact.version().sameMinor(version)) {
          return artifact;
        }
      }
    }
    return Artifact.lastOf(version, platform)
        .orElseThrow(() ->
            new SluiceException(
                PythonError.NO_SHARED_LIBRARY,
                ("there is no embedded Python %s that could stand in. Use a Python that has a"
                        + " shared library.")
                    .formatted(version.minorName())));
  }

  /** A place is a folder of jars or one jar. */
  private List<Artifact> artifactsIn(Path place) {
    List<Artifact> artifacts = new ArrayList<>();
    try {
      if (Files.isRegularFile(place)) {
        Artifact.ofJar(place, platform).ifPresent(artifacts::add);
      } else if (Files.isDirectory(place)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(place)) {
          for (Path file : files) {
            Optional<Artifact> artifact =
                file.getFileName().toString().startsWith(Artifact.PREFIX)
                    ? Artifact.ofJar(file, platform)
                    : Optional.empty();
            if (artifact.isPresent()) {
              artifacts.add(artifact.get());
            }
          }
        }
      }
      return artifacts;
    } catch (IOException e) {
      throw new SluiceException(
          PythonError.NO_EMBEDDED_PYTHON,
          "cannot look for the embedded Python in %s: %s. Build Sluice again."
              .formatted(place, reason(e)),
          e);
    }
  }

  /** The folder of an unpacked artifact, unpacking it first when need be. */
  Path unpacked(Artifact artifact) {
    Path store = cache.resolve("cpython");
    Path root = store.resolve(artifact.directoryName());
    if (isComplete(root, artifact)) {
      return real(root);
    }
    try {
      CacheLock.alone(
          store.resolve(artifact.directoryName() + ".lock"),
          progress,
          () -> {
            if (!isComplete(root, artifact)) {
              unpack(artifact, root);
            }
          });
      return real(root);
    } catch (IOException e) {
      throw unusable("unpack CPython " + artifact.version() + " into", root, e);
    }
  }

  private boolean isComplete(Path root, Artifact artifact) {
    return Files.isRegularFile(root.resolve(MARKER))
        && Files.isRegularFile(root.resolve(platform.library(artifact.version())));
  }

  /** CPython compares paths as text, so they must be without links. */
  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw unusable("read", path, e);
    }
  }

  private void unpack(Artifact artifact, Path root) throws IOException {
    Path partial = root.resolveSibling(artifact.directoryName() + ".partial");
    Path download = root.resolveSibling(artifact.directoryName() + ".download");
    Unpacker.delete(partial); // Left by a process that was killed: the lock is ours.
    try {
      Path jar = jar(artifact, download);
      progress.accept("unpacking CPython %s (once)...".formatted(artifact.version()));
      Unpacker.unpack(jar, platform, partial);
      Files.writeString(partial.resolve(MARKER), artifact.release() + "\n");
      Unpacker.delete(root);
      Files.move(partial, root, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Unpacker.delete(partial);
      Unpacker.delete(download);
    }
  }

  private Path jar(Artifact artifact, Path download) throws IOException {
    Path known = artifact.jar();
    if (known != null) {
      return known;
    }
    Optional<Path> local = maven.find(artifact);
    return local.isPresent() ? local.get() : maven.fetch(artifact, download);
  }

  static SluiceException unusable(String action, Path path, IOException e) {
    String advice =
        e instanceof ZipException
            ? "The archive is damaged: build Sluice again, or delete it from the local Maven repository."
            : "Give it space and write permission, or name another folder with SLUICE_CACHE.";
    return new SluiceException(
        PythonError.CACHE_UNUSABLE,
        "cannot %s %s: %s. %s".formatted(action, path, reason(e), advice),
        e);
  }

  /** What the system said, without the path that Java puts in front of it. */
  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    if (e instanceof FileAlreadyExistsException system) {
      return "a file is in the way at " + system.getFile();
    }
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
