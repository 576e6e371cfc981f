package dev.sluice.python;

import dev.sluice.python.install.Installation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes a new interpreter ready for its user; on its main thread, attached. */
final class Bootstrap {
  private Bootstrap() {}

  static void main(Attached py, PythonOptions options) {
    Path sources = sources(options);
    Installation installation = options.installation();
    boolean borrowed = installation.origin() == Installation.Origin.BORROWED_LIBRARY;
    module(py, sources)
        .callMethod(
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
          PyObject path = sys.attr("path")) {
        List<String> entries = new ArrayList<>();
        long count = path.callMethod("__len__").as(Long.class);
        for (long i = 0; i < count; i++) {
          entries.add(path.item(i).as(String.class));
        }
        return new Inherited(
            entries, sys.attr("executable").as(String.class), sys.attr("prefix").as(String.class));
      }
    }
  }

  static void other(Attached py, PythonOptions options, Inherited inherited) {
    module(py, sources(options))
        .callMethod(
            "start_beside",
            inherited.path(),
            options.arguments(),
            inherited.executable(),
            inherited.prefix());
    Recursion.install(py);
    ThreadNames.install(py);
    ExposedObjects.install(py);
  }

  private static Path sources(PythonOptions options) {
    return new PythonSources(Python.class.getClassLoader()).unpack(options.cache());
  }

  private static PyObject module(Attached py, Path sources) {
    // The one statement that cannot stand in a Python file: it makes those files importable.
    py.importModule("sys").attr("path").callMethod("append", sources.toString());
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
