package dev.sluice.python.install;

import dev.sluice.python.SluiceException;
import dev.sluice.python.install.Installation.Origin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Finds the Python to load, on the caller's thread. Unpacking, probing and fetching happen only
 * when the cache does not hold the result yet; each says so with one line of progress.
 */
public final class Installations {
  /** Why the embedded Python is used when nothing else was asked for. */
  public static final String DEFAULT_REASON = "no --python, --venv or $VIRTUAL_ENV given";

  private final Path cache;
  private final Platform platform;
  private final ArtifactStore store;
  private final Probe probe;
  private final Consumer<String> progress;

  /** Keeps what it unpacks and makes below the given folder; says on stderr what takes long. */
  public Installations(Path cache) {
    this(cache, new StandardError());
  }

  /** The same, telling what takes long to somebody else. */
  public Installations(Path cache, Consumer<String> progress) {
    this(cache, Platform.current(), progress);
  }

  private Installations(Path cache, Platform platform, Consumer<String> progress) {
    this(
        cache,
        platform,
        new ArtifactStore(
            cache,
            platform,
            new Places.OfProgram(platform),
            MavenRepository.ofUser(progress),
            progress),
        new Probe(cache, platform),
        progress);
  }

  Installations(
      Path cache, Platform platform, ArtifactStore store, Probe probe, Consumer<String> progress) {
    this.cache = cache;
    this.platform = platform;
    this.store = store;
    this.probe = probe;
    this.progress = progress;
  }

  /** Says what takes long. Not a lambda, whose first use costs more than all else on this way. */
  private static final class StandardError implements Consumer<String> {
    @Override
    public void accept(String line) {
      System.err.println("sluice: " + line);
    }
  }

  /** Those of the user's cache. */
  public static Installations ofUser() {
    return new Installations(UserCache.directory());
  }

  /** The embedded Python: in its environment when that was made, else with nothing installed. */
  public Installation embedded() {
    Artifact artifact = store.shipped();
    Path root = store.unpacked(artifact);
    EmbeddedEnvironment environment = environment(artifact, root);
    if (!environment.exists()) {
      return plain(artifact, root);
    }
    environment.make();
    return inEnvironment(artifact, root, environment, DEFAULT_REASON);
  }

  /** The version of the embedded Python, without unpacking it. */
  public PythonVersion embeddedVersion() {
    return store.shipped().version();
  }

  /** Makes the embedded Python's environment, or does nothing when it is there. */
  public Path createEnvironment() {
    Artifact artifact = store.shipped();
    EmbeddedEnvironment environment = environment(artifact, store.unpacked(artifact));
    environment.make();
    return environment.folder();
  }

  private EmbeddedEnvironment environment(Artifact artifact, Path root) {
    Path python = root.resolve(platform.embeddedExecutable(artifact.version()));
    return new EmbeddedEnvironment(cache, artifact.version(), python, platform, progress);
  }

  private Installation plain(Artifact artifact, Path root) {
    Path python = root.resolve(platform.embeddedExecutable(artifact.version()));
    return new Installation(
        artifact.version(),
        root.resolve(platform.library(artifact.version())),
        python,
        python,
        root,
        List.of(),
        Origin.EMBEDDED,
        DEFAULT_REASON);
  }

  private Installation inEnvironment(
      Artifact artifact, Path root, EmbeddedEnvironment environment, String reason) {
    return new Installation(
        artifact.version(),
        root.resolve(platform.library(artifact.version())),
        environment.executable(),
        environment.executable(),
        environment.folder(),
        List.of(),
        Origin.EMBEDDED_ENVIRONMENT,
        reason);
  }

  /**
   * The Python of a virtual environment, of a prefix, or that an executable starts.
   *
   * @param reason one clause that says who asked for it: "--venv"
   * @throws SluiceException when it cannot be served, saying why and what to do
   */
  public Installation at(Path pythonOrVenvOrPrefix, String reason) {
    Path path = pythonOrVenvOrPrefix.toAbsolutePath().normalize();
    Path executable = new PythonLocator(platform).executable(path, reason);
    Facts facts = probe.ask(executable);
    PythonVersion version = Requirements.check(path, facts, platform, reason);
    Path prefix = facts.path("prefix");
    Path python = facts.path("executable");
    if (!facts.get("library").isEmpty()) {
      return new Installation(
          version,
          facts.path("library"),
          python,
          python,
          prefix,
          List.of(),
          Origin.OWN_LIBRARY,
          reason);
    }
    return borrowed(facts, version, python, prefix, reason);
  }

  private Installation borrowed(
      Facts facts, PythonVersion version, Path python, Path prefix, String reason) {
    Artifact artifact = store.sameMinor(version);
    Path root = store.unpacked(artifact);
    return new Installation(
        artifact.version(),
        root.resolve(platform.library(artifact.version())),
        root.resolve(platform.embeddedExecutable(artifact.version())),
        python,
        prefix,
        sitePackages(facts),
        Origin.BORROWED_LIBRARY,
        reason,
        version);
  }

  private static List<Path> sitePackages(Facts facts) {
    boolean user = System.getenv().getOrDefault("PYTHONNOUSERSITE", "").isEmpty();
    return Stream.concat(
            user ? facts.all("user_site").stream() : Stream.of(),
            facts.all("site_packages").stream())
        .map(Path::of)
        .filter(Files::isDirectory)
        .toList();
  }
}
