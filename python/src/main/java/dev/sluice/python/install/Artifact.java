package dev.sluice.python.install;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A Python in a Maven artifact, {@code org.bytedeco:cpython}.
 *
 * @param release the artifact's version: CPython's and the packaging's, 3.14.3-1.5.13
 * @param jar its file; null when it is known only by its name
 */
record Artifact(PythonVersion version, String release, Platform platform, @Nullable Path jar) {
  static final String GROUP = "org.bytedeco";
  static final String NAME = "cpython";

  private static final Pattern JAR_NAME = Pattern.compile("cpython-(\\d[^-]*-[^-]+)-(.+)\\.jar");

  /** The last release of a minor version, which stands in for Pythons without a shared library. */
  static Optional<Artifact> lastOf(PythonVersion minor, Platform platform) {
    String release =
        switch (minor.minorName()) {
          case "3.11" -> "3.11.3-1.5.9";
          case "3.12" -> "3.12.1-1.5.10";
          case "3.13" -> "3.13.5-1.5.12";
          case "3.14" -> "3.14.3-1.5.13";
          default -> "";
        };
    return of(release, platform, null);
  }

  /** Reads a jar's name, or inside it when it has been renamed; empty when it is another jar. */
  static Optional<Artifact> ofJar(Path jar, Platform platform) throws IOException {
    Matcher matcher = JAR_NAME.matcher(jar.getFileName().toString());
    if (matcher.matches()) {
      return matcher.group(2).equals(platform.classifier())
          ? of(matcher.group(1), platform, jar)
          : Optional.empty();
    }
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry entry = zip.getEntry("META-INF/maven/" + GROUP + "/" + NAME + "/pom.properties");
      if (entry == null || zip.getEntry(folder(platform)) == null) {
        return Optional.empty();
      }
      Properties properties = new Properties();
      try (InputStream in = zip.getInputStream(entry)) {
        properties.load(in);
      }
      return of(properties.getProperty("version", ""), platform, jar);
    }
  }

  /** Those of the jars that hold a Python for the platform. */
  static List<Artifact> ofJars(List<Path> jars, Platform platform) throws IOException {
    List<Artifact> artifacts = new ArrayList<>();
    for (Path jar : jars) {
      ofJar(jar, platform).ifPresent(artifacts::add);
    }
    return artifacts;
  }

  private static Optional<Artifact> of(String release, Platform platform, @Nullable Path jar) {
    return PythonVersion.parse(release)
        .map(version -> new Artifact(version, release, platform, jar));
  }

  /** Where the interpreter's files lie inside the jar, with a slash at the end. */
  static String folder(Platform platform) {
    return "org/bytedeco/cpython/" + platform.classifier() + "/";
  }

  String jarName() {
    return NAME + "-" + directoryName() + ".jar";
  }

  /** The folder below {@code cpython/} in the cache. */
  String directoryName() {
    return release + "-" + platform.classifier();
  }
}
