package dev.sluice.python.install;

import java.util.Locale;

/**
 * The operating system and the processor, as the artifact's classifier and Python's file names
 * spell them.
 *
 * @param architecture {@code x86_64} or {@code arm64}, else Java's own name for it
 */
record Platform(Os os, String architecture) {
  enum Os {
    LINUX("linux"),
    MACOS("macosx"),
    WINDOWS("windows");

    private final String classifier;

    Os(String classifier) {
      this.classifier = classifier;
    }
  }

  static Platform current() {
    return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  static Platform of(String osName, String osArch) {
    String name = osName.toLowerCase(Locale.ROOT);
    Os os =
        name.startsWith("mac") || name.startsWith("darwin")
            ? Os.MACOS
            : name.startsWith("windows") ? Os.WINDOWS : Os.LINUX;
    return new Platform(os, architecture(osArch));
  }

  /** One name for each processor, whoever is asked: Java, Python or the compiler. */
  static String architecture(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64", "x86-64" -> "x86_64";
      case "aarch64", "arm64" -> "arm64";
      default -> name;
    };
  }

  /** Such as {@code linux-x86_64}. */
  String classifier() {
    return os.classifier + "-" + architecture;
  }

  /** The interpreter inside the unpacked artifact. */
  String embeddedExecutable(PythonVersion version) {
    return os == Os.WINDOWS ? "python.exe" : "bin/python" + version.minorName();
  }

  /** The usual name of the shared library. */
  String library(PythonVersion version) {
    return switch (os) {
      case LINUX -> "libpython" + version.minorName() + ".so.1.0";
      case MACOS -> "libpython" + version.minorName() + ".dylib";
      case WINDOWS -> "python" + version.major() + version.minor() + ".dll";
    };
  }

  /** The interpreter inside a virtual environment. */
  String environmentExecutable() {
    return os == Os.WINDOWS ? "Scripts/python.exe" : "bin/python";
  }
}
