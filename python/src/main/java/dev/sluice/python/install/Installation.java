package dev.sluice.python.install;

import dev.sluice.python.SluiceException;
import java.nio.file.Path;
import java.util.List;

/**
 * A Python that can be loaded, and what it must look like from inside.
 *
 * @param version of the library that is loaded
 * @param library the file to {@code dlopen}
 * @param programName given to {@code Py_SetProgramName}: from it CPython finds its standard library
 *     and, through a pyvenv.cfg beside or above it, its environment (so PYTHONHOME is not needed,
 *     not even by relocatable builds)
 * @param executable what {@code sys.executable} must be
 * @param prefix what {@code sys.prefix} must be
 * @param adoptedSitePackages the package folders of an environment whose own Python has no shared
 *     library, in its order; they go before the loaded Python's own. Empty otherwise.
 * @param origin where the library comes from
 * @param reason one clause: why this one was chosen
 * @param ownVersion the version of the Python at {@code prefix}; not {@code version} only when the
 *     library is borrowed
 */
public record Installation(
    PythonVersion version,
    Path library,
    Path programName,
    Path executable,
    Path prefix,
    List<Path> adoptedSitePackages,
    Origin origin,
    String reason,
    PythonVersion ownVersion) {

  /** Where the library comes from. */
  public enum Origin {
    /** The embedded Python, with nothing installed. */
    EMBEDDED,
    /** The embedded Python in its environment in the user's cache. */
    EMBEDDED_ENVIRONMENT,
    /** The shared library of the Python that was asked for. */
    OWN_LIBRARY,
    /** The embedded artifact of the same minor version, for a Python without a shared library. */
    BORROWED_LIBRARY,
    /** A Python program that has started the JVM in its own process: nothing is loaded. */
    RUNNING
  }

  /** Copies the list. */
  public Installation {
    adoptedSitePackages = List.copyOf(adoptedSitePackages);
  }

  /** An installation whose library is its own. */
  public Installation(
      PythonVersion version,
      Path library,
      Path programName,
      Path executable,
      Path prefix,
      List<Path> adoptedSitePackages,
      Origin origin,
      String reason) {
    this(
        version,
        library,
        programName,
        executable,
        prefix,
        adoptedSitePackages,
        origin,
        reason,
        version);
  }

  /**
   * The Python of this very process.
   *
   * @param build what CPython says of its version and build
   * @param file what its code is in; may be empty or relative
   * @throws SluiceException if Sluice cannot work with it
   */
  public static Installation running(String build, String file, String executable, String prefix) {
    PythonVersion version = Requirements.checkRunning(build);
    Path program = Path.of(executable);
    Path library = Path.of(file);
    return new Installation(
        version,
        library.isAbsolute() ? library : program,
        program,
        program,
        Path.of(prefix),
        List.of(),
        Origin.RUNNING,
        "it runs in this process");
  }

  /** For people: "CPython 3.14.3 (embedded)", "CPython 3.13.0 of .venv". */
  public String describe() {
    return switch (origin) {
      case EMBEDDED, EMBEDDED_ENVIRONMENT -> "CPython " + version + " (embedded)";
      case OWN_LIBRARY -> "CPython " + version + " of " + displayed(prefix);
      case BORROWED_LIBRARY ->
          "CPython %s (embedded) with the packages of %s, whose own %s has no shared library"
              .formatted(version, displayed(prefix), ownVersion);
      case RUNNING -> "CPython " + version + " of this process";
    };
  }

  /** A path as the user would write it: relative when it lies below the working directory. */
  private static String displayed(Path path) {
    Path here = Path.of("").toAbsolutePath();
    return path.startsWith(here) && !path.equals(here)
        ? here.relativize(path).toString()
        : path.toString();
  }
}
