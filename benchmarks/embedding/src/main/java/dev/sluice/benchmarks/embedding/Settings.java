package dev.sluice.benchmarks.embedding;

import java.nio.file.Path;

/** What the script says to each fork, in system properties. */
final class Settings {
  private Settings() {}

  /** The environment that Jep is installed in; Sluice opens the same. */
  static Path environment() {
    return path("environment");
  }

  /** Jep's native library. */
  static Path jepLibrary() {
    return path("jep.library");
  }

  /** The folder of measured.py. */
  static Path measured() {
    return path("measured");
  }

  private static Path path(String name) {
    String value = System.getProperty("embedding." + name);
    if (value == null) {
      throw new IllegalStateException("start this with benchmarks/embedding/run");
    }
    return Path.of(value);
  }
}
