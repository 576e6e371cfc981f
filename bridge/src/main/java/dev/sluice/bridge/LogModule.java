package dev.sluice.bridge;

import dev.sluice.python.Attached;
import dev.sluice.python.ModuleBuilder;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonModule;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.NumberApi;
import java.util.List;
import java.util.Objects;

/**
 * The module {@code sluice._log_door}, by which a handler of Python's gets Java's log records; on
 * the thread that imports it, attached.
 */
public final class LogModule implements PythonModule {
  private static final Callbacks.Definition NEXT_NUMBER =
      Callbacks.define(
          "next_number",
          "next_number(_): the number of the next record",
          (self, arguments, count, names) -> NumberApi.fromLong(LogRecords.nextNumber()));

  /** Made by the service loader. */
  public LogModule() {}

  @Override
  public String name() {
    return "sluice._log_door";
  }

  @Override
  public void fill(ModuleBuilder module) {
    PyObject python = module.module();
    try (Attached py = python.interpreter().attachedInCallback();
        PyObject next = py.own(NEXT_NUMBER.bind(0))) {
      python.setAttr("next_number", next);
    }
    module.function(
        "open",
        (py, arguments) -> {
          PyObject mark = (PyObject) Objects.requireNonNull(arguments[0]);
          Number bound = (Number) Objects.requireNonNull(arguments[1]);
          return LogRecords.open(py, mark, (int) Math.min(bound.longValue(), Integer.MAX_VALUE));
        });
    module.function(
        "take",
        (py, arguments) -> {
          long below = ((Number) Objects.requireNonNull(arguments[0])).longValue();
          return inPython(py, LogRecords.take(below));
        });
    module.function(
        "close",
        (py, arguments) -> {
          LogRecords.close();
          return null;
        });
    module.function("end", (py, arguments) -> inPython(py, LogRecords.end()));
  }

  /** As values of Python's, which the result of a function is not by itself. */
  private static PyObject inPython(Attached py, LogRecords.Taken taken) {
    try (PyObject builtins = py.importModule("builtins")) {
      return builtins.callMethod("tuple", List.of(taken.entries(), taken.dropped()));
    }
  }
}
