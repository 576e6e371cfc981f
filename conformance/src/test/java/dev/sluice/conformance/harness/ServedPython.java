package dev.sluice.conformance.harness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Python that applications are served on, with the suites' packages: the embedded one, filled by
 * `sluice pip`, or a virtual environment of another, which `--venv` names.
 *
 * @param minor the version of the environment's Python; null for the embedded one
 */
public record ServedPython(@Nullable String minor) {
  private static final Path REQUIREMENTS = Project.PYTHON.resolve("requirements.txt");

  /** Those that the tier tests: the embedded one and 3.13, or all. */
  public static List<ServedPython> ofTier() {
    var all = new ArrayList<ServedPython>();
    all.add(new ServedPython(null));
    if (Project.TIER.equals("full")) {
      all.add(new ServedPython("3.11"));
      all.add(new ServedPython("3.12"));
    }
    all.add(new ServedPython("3.13"));
    if (Project.TIER.equals("full")) {
      all.add(new ServedPython("3.14"));
    }
    return all;
  }

  /** The options of `serve` that choose it; its packages are there afterwards. */
  public String[] options() {
    if (minor == null) {
      Embedded.INSTALLED.run();
      return new String[0];
    }
    return new String[] {"--venv", Pythons.environment(minor, REQUIREMENTS).toString()};
  }

  /** The environment in which `sluice python` and `sluice run` choose it too. */
  public Map<String, String> environment() {
    return minor == null
        ? Map.of()
        : Map.of("VIRTUAL_ENV", Pythons.environment(minor, REQUIREMENTS).toString());
  }

  /** What the banner must say. */
  public String bannerPart() {
    return minor == null ? "on CPython 3.14.3 (embedded)" : "on CPython " + minor + ".";
  }

  @Override
  public String toString() {
    return minor == null ? "the embedded Python" : "a virtual environment of Python " + minor;
  }

  /** Installs into the embedded interpreter's environment, once for all suites. */
  private enum Embedded {
    INSTALLED;

    Embedded() {
      Child.Ended ended =
          Child.runSluice(
              Project.TARGET, Map.of(), "pip", "install", "-r", REQUIREMENTS.toString());
      if (ended.code() != 0) {
        throw new AssertionError("sluice pip failed:\n" + ended.stdout() + ended.stderr());
      }
    }

    void run() {}
  }
}
