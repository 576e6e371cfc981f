package dev.sluice.python;

import dev.sluice.python.install.Installation;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a new interpreter ready for its user; on its main thread, attached. */
final class Bootstrap {
  private static final String MODULE = "sluice._bootstrap";

  private Bootstrap() {}

  static void main(Attached py, PythonOptions options) {
    Installation installation = options.installation();
    boolean borrowed = installation.origin() == Installation.Origin.BORROWED_LIBRARY;
    run(
        py,
        options,
        "start",
        options.arguments(),
        installation.executable().toString(),
        borrowed ? installation.prefix().toString() : null,
        installation.adoptedSitePackages().stream().map(Path::toString).toList());
    Recursion.install(py);
    ThreadNames.install(py);
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
        options,
        "start_beside",
        inherited.path(),
        options.arguments(),
        inherited.executable(),
        inherited.prefix());
    Recursion.install(py);
    ThreadNames.install(py);
    ExposedObjects.install(py);
  }

  private static void run(
      Attached py, PythonOptions options, String function, @Nullable Object... arguments) {
    try (PyObject module = module(py, options, MODULE)) {
      module.callMethod(function, arguments).close();
    }
  }

  /** Imports one of Sluice's own modules, in an interpreter that cannot do so yet. */
  static PyObject module(Attached py, PythonOptions options, String name) {
    Path sources = new PythonSources(Python.class.getClassLoader()).unpack(options.cache());
    // The one statement that cannot stand in a Python file: it makes those files importable.
    try (PyObject sys = py.importModule("sys");
        PyObject path = sys.attr("path")) {
      path.callMethod("append", sources.toString()).close();
    }
    try {
      return py.importModule(name);
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
