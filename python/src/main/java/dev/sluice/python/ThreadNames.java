package dev.sluice.python;

import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;

/** What Java calls a thread, for {@code sluice/_threads.py}; on the thread that asks. */
final class ThreadNames {
  private static final Callbacks.Definition NAME =
      Callbacks.define(
          "java_name",
          "java_name(): what Java calls the calling thread, or None if Java did not start it",
          (self, arguments, count, names) -> name());

  private ThreadNames() {}

  private static long name() {
    if (ThreadContext.get().current == null) {
      ObjectApi.incRef(ObjectApi.NONE);
      return ObjectApi.NONE;
    }
    return UnicodeApi.fromString(Thread.currentThread().getName());
  }

  /** Makes an interpreter ready; once, attached. */
  static void install(Attached py) {
    try (PyObject module = py.importModule("sluice._threads");
        PyObject name = py.own(NAME.bind(0))) {
      module.callMethod("install", name).close();
    }
  }
}
