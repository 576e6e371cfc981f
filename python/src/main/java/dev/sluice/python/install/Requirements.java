package dev.sluice.python.install;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** What a Python must be so that Sluice can load it. */
final class Requirements {
  private static final String RANGE =
      PythonVersion.OLDEST.minorName() + " to " + PythonVersion.NEWEST.minorName();
  private static final String ADVICE =
      "Name another one with --python or --venv, or none (nor $VIRTUAL_ENV) to use the embedded Python.";

  private Requirements() {}

  /**
   * @param path as the user named it
   * @param reason who named it
   */
  static PythonVersion check(Path path, Facts facts, Platform platform, String reason) {
    String named = "%s (%s)".formatted(path, reason);
    PythonVersion version =
        PythonVersion.parse(facts.get("version"))
            .orElseThrow(() ->
                new SluiceException(
                    PythonError.NOT_A_PYTHON,
                    "%s says that its version is \"%s\". %s"
                        .formatted(named, facts.get("version"), ADVICE)));
    String implementation = facts.get("implementation");
    if (!implementation.equals("cpython")) {
      throw new SluiceException(
          PythonError.IMPLEMENTATION_UNSUPPORTED,
          "%s is %s; Sluice loads CPython %s. %s".formatted(named, implementation, RANGE, ADVICE));
    }
    checkVersion(path, version, reason);
    if (facts.get("Py_GIL_DISABLED").equals("1")) {
      throw new SluiceException(
          PythonError.FREE_THREADED,
          "%s is a free-threaded build of Python %s, which Sluice cannot load yet. Use the ordinary"
                  .formatted(named, version)
              + " build of the same version, or another Python with --python or --venv.");
    }
    checkArchitecture(named, facts, platform);
    checkEnvironment(facts, version, reason);
    return version;
  }

  static void checkVersion(Path path, PythonVersion version, String reason) {
    if (!version.supported()) {
      throw new SluiceException(
          PythonError.VERSION_UNSUPPORTED,
          "%s (%s) is Python %s; Sluice serves %s. %s"
              .formatted(path, reason, version, RANGE, ADVICE));
    }
  }

  /** The same for the Python of this process, by what it says of its version and build. */
  static PythonVersion checkRunning(String build) {
    PythonVersion version =
        PythonVersion.parse(build)
            .filter(PythonVersion::supported)
            .orElseThrow(() ->
                new SluiceException(
                    PythonError.VERSION_UNSUPPORTED,
                    "the Python of this process is %s; Sluice works with %s. Run the program with one"
                            .formatted(build.lines().findFirst().orElse("unknown"), RANGE)
                        + " of those."));
    if (build.contains("free-threading build")) {
      throw new SluiceException(
          PythonError.FREE_THREADED,
          "the Python of this process is a free-threaded build (%s), which Sluice cannot work with"
                  .formatted(version)
              + " yet. Run the program with the ordinary build of the same version.");
    }
    return version;
  }

  private static void checkArchitecture(String named, Facts facts, Platform platform) {
    String tag = facts.get("platform").toLowerCase(Locale.ROOT);
    String architecture = Platform.architecture(tag.substring(tag.lastIndexOf('-') + 1));
    boolean fits =
        architecture.equals(platform.architecture()) || architecture.startsWith("universal");
    if (!fits || facts.get("bits").equals("32")) {
      throw new SluiceException(
          PythonError.ARCHITECTURE_UNSUPPORTED,
          "%s is a %s-bit Python for %s; this Java is %s, and both must be the same. %s"
              .formatted(named, facts.get("bits"), architecture, platform.architecture(), ADVICE));
    }
  }

  /** An environment whose Python was replaced by another minor version has lost its packages. */
  private static void checkEnvironment(Facts facts, PythonVersion version, String reason) {
    Path prefix = facts.path("prefix");
    Optional<PythonVersion> made =
        EnvironmentConfig.read(prefix).flatMap(EnvironmentConfig::version);
    if (made.isPresent() && !made.get().sameMinor(version)) {
      throw PythonLocator.broken(
          prefix,
          reason,
          "it was made for Python %s, but its Python is %s by now".formatted(made.get(), version));
    }
  }
}
