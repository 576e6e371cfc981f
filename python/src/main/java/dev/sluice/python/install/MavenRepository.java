package dev.sluice.python.install;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Artifacts that are not shipped: in the local Maven repository, or fetched by {@code mvn}. */
final class MavenRepository {
  private static final String COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy";
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private final Optional<Path> local;
  private final Optional<String> searchPath;
  private final Consumer<String> progress;

  MavenRepository(Path local, String searchPath, Consumer<String> progress) {
    this.local = Optional.of(local);
    this.searchPath = Optional.of(searchPath);
    this.progress = progress;
  }

  private MavenRepository(Consumer<String> progress) {
    this.local = Optional.empty();
    this.searchPath = Optional.empty();
    this.progress = progress;
  }

  /** The user's; what that means is looked up when it is needed, which is seldom. */
  static MavenRepository ofUser(Consumer<String> progress) {
    return new MavenRepository(progress);
  }

  private Path local() {
    return local.orElseGet(() ->
        local(
            System.getProperty("maven.repo.local"),
            Path.of(System.getProperty("user.home", ""), ".m2")));
  }

  private String searchPath() {
    return searchPath.orElseGet(() -> System.getenv().getOrDefault("PATH", ""));
  }

  /** Maven's own order: the property, the user's settings, the usual place. */
  static Path local(@Nullable String property, Path maven) {
    if (property != null) {
      return Path.of(property);
    }
    Path settings = maven.resolve("settings.xml");
    if (Files.isReadable(settings)) {
      try {
        Pattern comment = Pattern.compile("<!--.*?-->", Pattern.DOTALL);
        String text = comment.matcher(Files.readString(settings)).replaceAll("");
        Matcher matcher =
            Pattern.compile("<localRepository>([^<]*)</localRepository>").matcher(text);
        if (matcher.find()) {
          String home = String.valueOf(maven.getParent());
          return Path.of(matcher.group(1).strip().replace("${user.home}", home));
        }
      } catch (IOException e) {
        // Unreadable settings are Maven's to complain of; fetching will show them.
      }
    }
    return maven.resolve("repository");
  }

  /** The artifact's jar, when Maven has it already. */
  Optional<Path> find(Artifact artifact) {
    Path jar =
        local()
            .resolve(
                String.join(
                    "/",
                    Artifact.GROUP.replace('.', '/'),
                    Artifact.NAME,
                    artifact.release(),
                    artifact.jarName()));
    return Files.isReadable(jar) ? Optional.of(jar) : Optional.empty();
  }

  /** Has {@code mvn} download the artifact, and copies its jar into a folder. */
  Path fetch(Artifact artifact, Path folder) throws IOException {
    String what = "CPython " + artifact.version();
    Path mvn =
        executable()
            .orElseThrow(() ->
                failure(
                    what
                        + " is neither in "
                        + local()
                        + " nor can it be fetched: no mvn on the"
                        + " PATH",
                    artifact));
    progress.accept("fetching %s with mvn (once)...".formatted(what));
    Files.createDirectories(folder);
    ProcessBuilder command =
        new ProcessBuilder(
                mvn.toString(),
                "-q",
                "-B",
                "-Dmaven.repo.local=" + local(),
                COPY,
                "-Dartifact=%s:%s:%s:jar:%s"
                    .formatted(
                        Artifact.GROUP,
                        Artifact.NAME,
                        artifact.release(),
                        artifact.platform().classifier()),
                "-DoutputDirectory=" + folder)
            .directory(folder.toFile());
    command.environment().put("JAVA_HOME", System.getProperty("java.home"));
    CommandRunner.Result result = CommandRunner.run(command, new byte[0], LIMIT);
    Path jar = folder.resolve(artifact.jarName());
    if (!result.succeeded() || !Files.isReadable(jar)) {
      String why =
          result.timedOut() ? "no answer in %d s".formatted(LIMIT.toSeconds()) : reason(result);
      throw failure("mvn could not fetch %s (%s)".formatted(what, why), artifact);
    }
    return jar;
  }

  /** Maven's first error line is its reason; what follows is advice about flags. */
  private static String reason(CommandRunner.Result result) {
    return result
        .output()
        .lines()
        .filter(line -> line.contains("ERROR"))
        .map(line -> line.substring(line.indexOf("ERROR") + 5).replaceFirst("^[^A-Za-z]*", ""))
        .map(line -> line.replaceFirst(" -> \\[Help \\d+]$", ""))
        .filter(line -> !line.isBlank())
        .findFirst()
        .orElseGet(result::lastLine);
  }

  private Optional<Path> executable() {
    String name = File.separatorChar == '\\' ? "mvn.cmd" : "mvn";
    for (String folder : searchPath().split(File.pathSeparator, -1)) {
      Path file = Path.of(folder, name);
      if (!folder.isEmpty() && Files.isExecutable(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  private static SluiceException failure(String what, Artifact artifact) {
    return new SluiceException(
        PythonError.NO_SHARED_LIBRARY,
        "%s. Put %s into the lib folder of Sluice, or use a Python that has a shared library."
            .formatted(what, artifact.jarName()));
  }
}
