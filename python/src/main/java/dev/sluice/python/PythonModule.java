package dev.sluice.python;

/**
 * A Python module made of Java: {@code import} finds it if it is registered as a service, in {@code
 * META-INF/services/dev.sluice.python.PythonModule} or by {@code provides} of a named module.
 */
public interface PythonModule {
  /** What Python imports: {@code foo}, or {@code foo.bar} inside of a package. */
  String name();

  /**
   * Puts types, functions and values into the module, once for each interpreter that imports it; on
   * the thread that imports, attached.
   */
  void fill(ModuleBuilder module);
}
