package dev.sluice.bridge;

import dev.sluice.bridge.loop.LoopIo;
import dev.sluice.python.Attached;
import dev.sluice.python.ModuleBuilder;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonModule;
import java.util.Objects;

/**
 * The module {@code sluice._loop_door}, which Python's side of a loop has Java by; on the thread
 * that imports it, attached.
 */
public final class LoopModule implements PythonModule {
  /** Made by the service loader. */
  public LoopModule() {}

  @Override
  public String name() {
    return "sluice._loop_door";
  }

  @Override
  public void fill(ModuleBuilder module) {
    PyObject python = module.module();
    try (Attached py = python.interpreter().attachedInCallback();
        PyObject tell = AwaitedCall.teller(py)) {
      python.setAttr("tell", tell);
      LoopWaits.fill(py, python);
    }
    module.function("interpreter", (py, arguments) -> py.interpreter().name());
    module.function(
        "name_thread",
        (py, arguments) -> {
          // Of a thread of Python's, which Java would else call by a number.
          Thread.currentThread().setName((String) Objects.requireNonNull(arguments[0]));
          return null;
        });
    module.function("obstacle", (py, arguments) -> LoopIo.obstacle());
    // The functions of LoopDoor, all of one loop, and its number.
    module.function("open", (py, arguments) -> LoopDoor.open(py));
    module.function(
        "submit",
        (py, arguments) -> {
          Work.submit(py, arguments);
          return null;
        });
    module.function(
        "when_complete",
        (py, arguments) -> {
          Stages.whenComplete(py, arguments);
          return null;
        });
  }
}
