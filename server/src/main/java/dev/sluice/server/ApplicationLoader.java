package dev.sluice.server;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.SluiceException;
import java.nio.file.Files;

/** Imports the application, on Python's main thread: some modules set signal handlers then. */
final class ApplicationLoader {
  private ApplicationLoader() {}

  /**
   * An application.
   *
   * @param spoken {@code wsgi}, {@code asgi2} or {@code asgi3}
   */
  record Loaded(PyObject application, String spoken) {
    boolean isAsgi() {
      return !spoken.equals("wsgi");
    }
  }

  static Loaded load(Attached py, ServerOptions options) {
    if (!Files.isDirectory(options.appDir().toAbsolutePath())) {
      throw new SluiceException(
          ServerError.APP_DIR_NOT_FOUND,
          "%s is not a folder. Name the folder of the application's modules with --app-dir."
              .formatted(options.appDir()));
    }
    return load(py, options, "sluice._application");
  }

  /** Loads an application that is mounted beside it, once that has been loaded. */
  static Loaded loadMounted(Attached py, ServerOptions options, AppMount mount) {
    return load(py, "sluice._application", mount.application(), folder(options), false, "auto");
  }

  /** Loads it again, from sources that may have changed; on the same thread. */
  static Loaded reload(Attached py, ServerOptions options) {
    return load(py, options, "sluice._reload");
  }

  /** Why it cannot be loaded again in this process; empty if it can. */
  static String obstacle(Attached py, ServerOptions options) {
    return py.importModule("sluice._reload")
        .callMethod("obstacle", folder(options))
        .as(String.class);
  }

  private static String folder(ServerOptions options) {
    return options.appDir().toAbsolutePath().normalize().toString();
  }

  private static Loaded load(Attached py, ServerOptions options, String module) {
    return load(
        py, module, options.application(), folder(options), options.factory(), options.spoken());
  }

  private static Loaded load(
      Attached py, String module, String name, String folder, boolean factory, String spoken) {
    // (problem, message, application, spoken): problem is a member of ServerError, or None.
    PyObject outcome = py.importModule(module).callMethod("load", name, folder, factory, spoken);
    PyObject problem = outcome.item(0);
    if (!problem.isNone()) {
      throw new SluiceException(
          ServerError.valueOf(problem.as(String.class)), outcome.item(1).as(String.class));
    }
    return new Loaded(outcome.item(2), outcome.item(3).as(String.class));
  }
}
