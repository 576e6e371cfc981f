package dev.sluice.python.install;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
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

  /** How its jar's name begins; a release and a platform follow. */
  static final String PREFIX = NAME + "-";

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
    String name = jar.getFileName().toString();
    if (name.startsWith(PREFIX)) {
      String suffix = "-" + platform.classifier() + ".jar";
      return name.endsWith(suffix) && name.length() > PREFIX.length() + suffix.length()
          ? of(name.substring(PREFIX.length(), name.length() - suffix.length()), platform, jar)
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

  private static Optional<Artifact> of(String release, Platform platform, @Nullable Path jar) {
    Optional<PythonVersion> version = PythonVersion.parse(release);
    return version.isPresent()
        ? Optional.of(new Artifact(version.get(), release, platform, jar))
        : Optional.empty();
  }

  /** Where the interpreter's files lie inside the jar, with a slash at the end. */
  static String folder(Platform platform) {
    return "org/bytedeco/cpython/" + platform.classifier() + "/";
  }

  String jarName() {
    return PREFIX + directoryName() + ".jar";
  }

  /** The folder below {@code cpython/} in the cache. */
  String directoryName() {
    return release + "-" + platform.classifier();
  }
}
