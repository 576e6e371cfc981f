package dev.sluice.python.capi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Importing and running code (import.h, pythonrun.h); every method needs an attached thread. */
public final class ImportApi {
  private static final MemorySegment IMPORT = Libpython.symbol("PyImport_Import");
  private static final MemorySegment GET_MODULE = Libpython.symbol("PyImport_GetModule");
  private static final MemorySegment ADD_MODULE = Libpython.symbol("PyImport_AddModuleObject");
  private static final MemorySegment MODULE_DICT = Libpython.symbol("PyModule_GetDict");
  private static final MemorySegment COMPILE = Libpython.symbol("Py_CompileStringFlags");
  private static final MemorySegment EVAL_CODE = Libpython.symbol("PyEval_EvalCode");

  /** {@code Py_file_input}: statements. */
  public static final int STATEMENTS = 257;

  /** {@code Py_eval_input}: one expression. */
  public static final int EXPRESSION = 258;

  /** {@code PyCF_SOURCE_IS_UTF8} and {@code PyCF_IGNORE_COOKIE} (compile.h). */
  private static final int SOURCE_IS_UTF8 = 0x100;

  private static final int IGNORE_COOKIE = 0x800;

  private ImportApi() {}

  /** Imports a module by its full name (a str); a new reference to that very module. */
  public static long importModule(long name) {
    return Shapes.call(IMPORT, name);
  }

  /** The module of the name if it has been imported, a new reference; else null. */
  public static long loadedModule(long name) {
    return Shapes.call(GET_MODULE, name);
  }

  /** The module of the name, made empty if it does not exist; borrowed. */
  public static long addModule(long name) {
    return Shapes.call(ADD_MODULE, name);
  }

  /** The module's namespace; borrowed. */
  public static long moduleDict(long module) {
    return Shapes.call(MODULE_DICT, module);
  }

  /**
   * Compiles source (UTF-8, C strings), whose first lines may not claim another encoding; {@code
   * start} is one of the constants above.
   */
  public static long compile(long source, long fileName, int start) {
    try (Arena arena = Arena.ofConfined()) {
      // A new one each time: CPython notes in it what the source imports from __future__.
      long flags = arena.allocate(8, 8).address();
      Memory.putInt(flags, SOURCE_IS_UTF8 | IGNORE_COOKIE);
      Memory.putInt(flags + 4, LifecycleApi.minorVersion());
      return Shapes.call(COMPILE, source, fileName, start, flags);
    }
  }

  public static long evaluate(long code, long globals, long locals) {
    return Shapes.call(EVAL_CODE, code, globals, locals);
  }
}
