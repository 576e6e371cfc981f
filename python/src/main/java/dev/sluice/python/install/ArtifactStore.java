package dev.sluice.python.install;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The embedded Pythons: artifacts, and the folders of the cache they are unpacked into. A folder
 * appears under its name only when it is whole: it is unpacked beside, under a lock, then renamed.
 * Its marker is written last, so that a folder damaged later by hand is seen and made anew.
 */
final class ArtifactStore {
  private static final String MARKER = ".sluice-complete";

  private final Path cache;
  private final Platform platform;
  private final List<Supplier<Optional<Path>>> places;
  private final MavenRepository maven;
  private final Consumer<String> progress;

  /**
   * @param places folders that may hold artifacts, or a jar, in the order of search; each is asked
   *     for only when those before it had none
   */
  ArtifactStore(
      Path cache,
      Platform platform,
      List<Supplier<Optional<Path>>> places,
      MavenRepository maven,
      Consumer<String> progress) {
    this.cache = cache;
    this.platform = platform;
    this.places = List.copyOf(places);
    this.maven = maven;
    this.progress = progress;
  }

  /** The places of the running program: its lib folder, its class path, beside its own jar. */
  static List<Supplier<Optional<Path>>> placesOfProgram(Platform platform) {
    return List.of(
        () -> Optional.ofNullable(System.getProperty("sluice.home")).map(h -> Path.of(h, "lib")),
        () -> jarOf(ArtifactStore.class.getClassLoader().getResource(Artifact.folder(platform))),
        () -> jarOf(ArtifactStore.class.getResource("ArtifactStore.class")).map(Path::getParent));
  }

  /** The file behind a URL such as {@code jar:file:/lib/a.jar!/org/}. */
  private static Optional<Path> jarOf(@Nullable URL resource) {
    if (resource == null || !resource.getProtocol().equals("jar")) {
      return Optional.empty();
    }
    String inside = resource.getPath();
    return Optional.of(Path.of(URI.create(inside.substring(0, inside.indexOf("!/")))));
  }

  /** The newest Python that came with Sluice. */
  Artifact shipped() {
    List<String> looked = new ArrayList<>();
    for (Supplier<Optional<Path>> place : places) {
      Optional<Path> path = place.get();
      path.map(Path::toString).ifPresent(looked::add);
      Optional<Artifact> found =
          path.stream()
              .flatMap(p -> artifactsIn(p).stream())
              .filter(artifact -> artifact.version().supported())
              .max(Comparator.comparing(Artifact::version));
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new SluiceException(
        PythonError.NO_EMBEDDED_PYTHON,
        ("No embedded Python for %1$s: no cpython-*-%1$s.jar in %2$s. Build Sluice again on this"
                + " machine, or name a Python with --python or --venv.")
            .formatted(
                platform.classifier(),
                looked.isEmpty() ? "the class path" : String.join(" or ", looked)));
  }

  /** The embedded Python that has the ABI of another: shipped, or from Maven. */
  Artifact sameMinor(PythonVersion version) {
    for (Supplier<Optional<Path>> place : places) {
      for (Artifact artifact : place.get().map(this::artifactsIn).orElse(List.of())) {
        if (artifact.version().sameMinor(version)) {
          return artifact;
        }
      }
    }
    return Artifact.lastOf(version, platform)
        .orElseThrow(() ->
            new SluiceException(
                PythonError.NO_SHARED_LIBRARY,
                "There is no embedded Python %s that could stand in. Use a Python that has a shared library."
                    .formatted(version.minorName())));
  }

  private List<Artifact> artifactsIn(Path place) {
    try {
      if (!Files.isDirectory(place)) {
        return Files.exists(place) ? Artifact.ofJars(List.of(place), platform) : List.of();
      }
      try (Stream<Path> files = Files.list(place)) {
        return Artifact.ofJars(
            files.filter(f -> f.getFileName().toString().startsWith("cpython-")).toList(),
            platform);
      }
    } catch (IOException e) {
      throw new SluiceException(
          PythonError.NO_EMBEDDED_PYTHON,
          "Cannot look for the embedded Python in %s: %s. Build Sluice again."
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
            : "Mend that folder, or name another one with SLUICE_CACHE.";
    return new SluiceException(
        PythonError.CACHE_UNUSABLE,
        "Cannot %s %s: %s. %s".formatted(action, path, reason(e), advice),
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
