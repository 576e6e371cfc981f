package dev.sluice.conformance.harness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Another server in the product's place, so that what the ASGI suites expect is known to be
 * possible: `-Dsluice.reference=VENV` runs them on that environment's uvicorn (asgi/reference.py).
 */
public final class Reference {
  private static final @Nullable String VENV = System.getProperty("sluice.reference");

  private Reference() {}

  public static boolean isChosen() {
    return VENV != null;
  }

  /** Runs what `serve` would be given. */
  static Child serve(Map<String, String> changes, List<String> arguments) {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(String.valueOf(VENV), "bin", "python").toString(),
                Project.ASGI.resolve("reference.py").toString()));
    command.addAll(arguments);
    return Child.start(Project.TARGET, changes, command);
  }
}
