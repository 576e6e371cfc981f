package dev.sluice.python;

import dev.sluice.python.install.Installation;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a new interpreter ready for its user; on its main thread, attached. */
final class Bootstrap {
  private Bootstrap() {}

  static void main(Attached py, PythonOptions options) {
    Path sources = sources(options);
    Installation installation = options.installation();
    boolean borrowed = installation.origin() == Installation.Origin.BORROWED_LIBRARY;
    run(
        py,
        sources,
        "start",
        options.arguments(),
        installation.executable().toString(),
        borrowed ? installation.prefix().toString() : null,
        installation.adoptedSitePackages().stream().map(Path::toString).toList());
    ExposedObjects.install(py);
  }

  /** What an interpreter beside the main one takes over from that, which it is not to see. */
  record Inherited(List<String> path, String executable, String prefix) {
    static Inherited of(Attached main) {
      try (PyObject sys = main.importModule("sys");
          PyObject path = sys.attr("path");
          PyObject executable = sys.attr("executable");
          PyObject prefix = sys.attr("prefix")) {
        return new Inherited(
            path.asList(String.class), executable.as(String.class), prefix.as(String.class));
      }
    }
  }

  static void other(Attached py, PythonOptions options, Inherited inherited) {
    run(
        py,
        sources(options),
        "start_beside",
        inherited.path(),
        options.arguments(),
        inherited.executable(),
        inherited.prefix());
    ExposedObjects.install(py);
  }

  private static Path sources(PythonOptions options) {
    return new PythonSources(Python.class.getClassLoader()).unpack(options.cache());
  }

  private static void run(
      Attached py, Path sources, String function, @Nullable Object... arguments) {
    try (PyObject module = module(py, sources)) {
      module.callMethod(function, arguments).close();
    }
  }

  private static PyObject module(Attached py, Path sources) {
    // The one statement that cannot stand in a Python file: it makes those files importable.
    try (PyObject sys = py.importModule("sys");
        PyObject path = sys.attr("path")) {
      path.callMethod("append", sources.toString()).close();
    }
    try {
      return py.importModule("sluice._bootstrap");
    } catch (PythonException e) {
      throw new SluiceException(
          PythonError.CACHE_UNUSABLE,
          "Sluice's own Python files in %s cannot be imported: %s. Delete that folder; it is made"
                  .formatted(sources, e.getMessage())
              + " again.",
          e);
    }
  }
}
