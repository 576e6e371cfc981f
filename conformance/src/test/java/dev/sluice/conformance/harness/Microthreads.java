package dev.sluice.conformance.harness;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.ArrayList;
import java.util.List;

/**
 * Has the suites of WSGI run with microthreads instead of worker threads, where the environment
 * variable CONFORMANCE_MICROTHREADS is set: by hand, as they are a second time as many. Those that
 * are about threads say so, and are left out then.
 */
public final class Microthreads {
  private static final boolean CHOSEN = System.getenv("CONFORMANCE_MICROTHREADS") != null;

  private Microthreads() {}

  /** Whether the suites run with microthreads. */
  public static boolean areChosen() {
    return CHOSEN;
  }

  /** Leaves out a test that says nothing of microthreads, with the reason why. */
  public static void doNotApply(String reason) {
    assumeFalse(CHOSEN, reason);
  }

  /** The options of `serve`; the package that it needs is in the embedded Python afterwards. */
  public static List<String> options() {
    var options = new ArrayList<>(List.of("--microthreads"));
    options.addAll(List.of(new ServedPython(null, ServedPython.Kit.WSGI, false).options()));
    return options;
  }
}
