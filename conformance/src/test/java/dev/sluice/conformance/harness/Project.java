package dev.sluice.conformance.harness;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Map;

/** Where things are: the project under test, its launcher, the suites' Python files and cache. */
public final class Project {
  public static final Path ROOT =
      Path.of(requireNonNull(System.getProperty("sluice.project"), "-Dsluice.project"))
          .toAbsolutePath()
          .normalize();
  public static final Path LAUNCHER = ROOT.resolve("sluice");
  public static final Path EXAMPLES = ROOT.resolve("examples");
  public static final Path PYTHON = ROOT.resolve("conformance/src/test/python");
  public static final Path ASGI = PYTHON.resolve("asgi");
  public static final Path TARGET = ROOT.resolve("conformance/target");

  /** quick, ci or full. */
  public static final String TIER = System.getProperty("sluice.tier", "ci");

  private Project() {}

  /**
   * Makes the environment of a child independent of whoever started the tests: nothing that chooses
   * a Python or configures Sluice gets through, and all suites share one cache of their own.
   */
  public static void isolate(Map<String, String> environment) {
    environment
        .keySet()
        .removeIf(name ->
            name.startsWith("SLUICE_")
                || name.startsWith("PYTHON")
                || name.startsWith("VIRTUAL_ENV")
                || name.startsWith("MAVEN_"));
    environment.put("SLUICE_CACHE", TARGET.resolve("cache").toString());
  }
}
