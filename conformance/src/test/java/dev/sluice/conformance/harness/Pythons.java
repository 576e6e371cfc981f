package dev.sluice.conformance.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.opentest4j.TestAbortedException;

/**
 * Pythons other than the embedded one, for virtual environments: one installed on the machine where
 * there is one, else the Maven artifact of that version, unpacked under target/.
 */
public final class Pythons {
  private static final Map<String, String> ARTIFACTS =
      Map.of(
          "3.11", "3.11.3-1.5.9",
          "3.12", "3.12.1-1.5.10",
          "3.13", "3.13.5-1.5.12",
          "3.14", "3.14.3-1.5.13");
  private static final Path FOLDER = Project.TARGET.resolve("pythons");
  private static final Path PROBE = Project.PYTHON.resolve("scripts/probe.py");

  private Pythons() {}

  /** A virtual environment of that Python with these requirements, made once. */
  static Path environment(String minor, Path requirements) {
    return environment("venv-" + minor, minor, requirements);
  }

  /** The same under a name of its own. */
  public static synchronized Path environment(String name, String minor, Path requirements) {
    Path venv = FOLDER.resolve(name);
    Path done = venv.resolve("requirements.txt");
    try {
      String wanted = Files.readString(requirements);
      if (!Files.exists(done) || !Files.readString(done).equals(wanted)) {
        Path python = executable(minor);
        run(List.of(python.toString(), "-m", "venv", "--clear", venv.toString()));
        String own = venv.resolve("bin/python").toString();
        run(List.of(own, "-m", "pip", "install", "-q", "-r", requirements.toString()));
        Files.writeString(done, wanted);
      }
      return venv;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** A Python of that version that has a shared library and the modules that frameworks need. */
  public static Path executable(String minor) {
    return installed(minor)
        .or(() -> usable(artifact(minor), minor))
        .orElseThrow(() ->
            new TestAbortedException("no Python " + minor + " with ssl, sqlite3 and venv here"));
  }

  private static Optional<Path> installed(String minor) {
    var folders = new ArrayList<Path>();
    Path pyenv = Path.of(System.getProperty("user.home"), ".pyenv", "versions");
    if (Files.isDirectory(pyenv)) {
      try (Stream<Path> versions = Files.list(pyenv)) {
        versions
            .filter(version -> version.getFileName().toString().startsWith(minor + "."))
            .sorted()
            .forEach(version -> folders.add(version.resolve("bin")));
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
    String path = System.getenv().getOrDefault("PATH", "");
    Stream.of(path.split(":")).filter(part -> !part.isEmpty()).map(Path::of).forEach(folders::add);
    return folders.stream()
        .map(folder -> folder.resolve("python" + minor))
        .filter(Files::isExecutable)
        .flatMap(candidate -> usable(candidate, minor).stream())
        .findFirst();
  }

  /**
   * The candidate, when it is what its name says: a version manager's stand-in may refuse to run.
   */
  private static Optional<Path> usable(Path candidate, String minor) {
    var command = List.of(candidate.toString(), "-I", PROBE.toString());
    try (Child child = Child.start(Project.TARGET, Map.of(), command)) {
      child.input("");
      Child.Ended ended = child.ended(Limits.TOOL);
      boolean right = ended.code() == 0 && ended.stdout().equals(minor);
      return right ? Optional.of(candidate) : Optional.empty();
    }
  }

  private static Path artifact(String minor) {
    String version = Optional.ofNullable(ARTIFACTS.get(minor)).orElseThrow();
    String platform = platform();
    Path home = FOLDER.resolve("cpython-" + version + "-" + platform);
    if (!Files.exists(home)) {
      run(
          List.of(
              "mvn",
              "-B",
              "-q",
              "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy",
              "-Dartifact=org.bytedeco:cpython:" + version + ":jar:" + platform,
              "-DoutputDirectory=" + FOLDER));
      unpack(FOLDER.resolve("cpython-" + version + "-" + platform + ".jar"), platform, home);
    }
    return home.resolve("bin/python" + minor);
  }

  private static String platform() {
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    if (System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac")) {
      return "macosx-arm64";
    }
    return arm ? "linux-arm64" : "linux-x86_64";
  }

  private static void unpack(Path jar, String platform, Path home) {
    String prefix = "org/bytedeco/cpython/" + platform + "/";
    try (var zip = new ZipFile(jar.toFile(), UTF_8)) {
      Path beside = Files.createTempDirectory(FOLDER, "unpacking");
      for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(ZipEntry.class::cast)::iterator) {
        if (entry.getName().startsWith(prefix) && !entry.isDirectory()) {
          String name = entry.getName().substring(prefix.length());
          Path file = beside.resolve(name);
          Files.createDirectories(file.getParent());
          try (var content = zip.getInputStream(entry)) {
            Files.copy(content, file);
          }
          if (name.startsWith("bin/")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
          }
        }
      }
      Files.move(beside, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void run(List<String> command) {
    try {
      Files.createDirectories(FOLDER);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    Child.run(FOLDER, Map.of(), command);
  }
}
