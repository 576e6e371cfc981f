package dev.sluice.conformance.harness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Python that applications are served on, with the suites' packages: the embedded one, filled by
 * `sluice pip`, or a virtual environment of another, which `--venv` names.
 *
 * @param minor the version of the environment's Python; null for the embedded one
 * @param kit the packages
 * @param microthreads whether requests of WSGI are microthreads there
 */
public record ServedPython(@Nullable String minor, Kit kit, boolean microthreads) {
  public ServedPython(@Nullable String minor, Kit kit) {
    this(minor, kit, Microthreads.areChosen());
  }

  /** Which packages: those of the WSGI suites, or those of the ASGI suites. */
  public enum Kit {
    WSGI("requirements.txt", "venv-"),
    ASGI("asgi-requirements.txt", "asgi-venv-");

    private final Path requirements;
    private final String prefix;

    Kit(String file, String prefix) {
      requirements = Project.PYTHON.resolve(file);
      this.prefix = prefix;
    }
  }

  private static final Set<Kit> EMBEDDED = EnumSet.noneOf(Kit.class);

  /** Those that the tier tests: the embedded one and 3.13, or all. */
  public static List<ServedPython> ofTier() {
    return ofTier(Kit.WSGI);
  }

  /** The same for ASGI; where {@link Reference} serves, there is only its own. */
  public static List<ServedPython> ofTierForAsgi() {
    return Reference.isChosen() ? List.of(new ServedPython(null, Kit.ASGI)) : ofTier(Kit.ASGI);
  }

  /** Those that the tier tests, and the embedded one with microthreads. */
  public static List<ServedPython> ofTierAndMicrothreads() {
    List<ServedPython> all = ofTier();
    if (!Microthreads.areChosen()) {
      all.add(new ServedPython(null, Kit.WSGI, true));
    }
    return all;
  }

  private static List<ServedPython> ofTier(Kit kit) {
    var all = new ArrayList<ServedPython>();
    all.add(new ServedPython(null, kit));
    if (Project.TIER.equals("full")) {
      all.add(new ServedPython("3.11", kit));
      all.add(new ServedPython("3.12", kit));
    }
    all.add(new ServedPython("3.13", kit));
    if (Project.TIER.equals("full")) {
      all.add(new ServedPython("3.14", kit));
    }
    return all;
  }

  /** The options of `serve` that choose it; its packages are there afterwards. */
  public String[] options() {
    var options = new ArrayList<String>();
    if (microthreads && !Microthreads.areChosen()) { // else they are for all
      options.add("--microthreads");
    }
    if (minor != null) {
      options.addAll(List.of("--venv", venv(minor)));
    } else if (kit != Kit.ASGI || !Reference.isChosen()) {
      fillEmbedded(kit);
    }
    return options.toArray(String[]::new);
  }

  /** The environment in which `sluice python` and `sluice run` choose it too. */
  public Map<String, String> environment() {
    return minor == null ? Map.of() : Map.of("VIRTUAL_ENV", venv(minor));
  }

  private String venv(String version) {
    return Pythons.environment(kit.prefix + version, version, kit.requirements).toString();
  }

  /** What the banner must say of an application of WSGI. */
  public String servedPart() {
    return microthreads ? "(WSGI on microthreads) " : "(WSGI) ";
  }

  /** What the banner must say. */
  public String bannerPart() {
    return minor == null ? "on CPython 3.14.3 (embedded)" : "on CPython " + minor + ".";
  }

  @Override
  public String toString() {
    return (minor == null ? "the embedded Python" : "a virtual environment of Python " + minor)
        + (microthreads ? " with microthreads" : "");
  }

  /** Installs into the embedded interpreter's environment, once for all suites. */
  private static synchronized void fillEmbedded(Kit kit) {
    if (EMBEDDED.contains(kit)) {
      return;
    }
    Child.Ended ended =
        Child.runSluice(
            Project.TARGET, Map.of(), "pip", "install", "-r", kit.requirements.toString());
    if (ended.code() != 0) {
      throw new AssertionError("sluice pip failed:\n" + ended.stdout() + ended.stderr());
    }
    EMBEDDED.add(kit);
  }
}
