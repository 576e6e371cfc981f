package dev.sluice.guard;

import dev.sluice.python.ModuleBuilder;
import dev.sluice.python.PythonModule;

/**
 * The module {@code sluice._guard_door}, which Python's side of the guard has Java by; on the
 * thread that imports it, attached.
 */
public final class GuardModule implements PythonModule {
  /** Made by the service loader. */
  public GuardModule() {}

  @Override
  public String name() {
    return "sluice._guard_door";
  }

  @Override
  public void fill(ModuleBuilder module) {}
}
