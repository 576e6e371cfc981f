package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The CPython of this process: loaded once, by any thread, and never unloaded; or found where it
 * was already ({@link RunningPython}).
 *
 * <p>It is opened with RTLD_GLOBAL, because extension modules expect libpython's symbols in the
 * global scope; {@link SymbolLookup#libraryLookup} would open it privately, and their import would
 * fail with undefined symbols. Where there is no dlopen (Windows) the JDK's own loader is right.
 */
public final class Libpython {
  private static final int RTLD_NOW = 0x2;
  private static final int RTLD_GLOBAL = isMac() ? 0x8 : 0x100;

  private static volatile @Nullable SymbolLookup symbols;

  private Libpython() {}

  private static boolean isMac() {
    return System.getProperty("os.name", "").startsWith("Mac");
  }

  /**
   * Opens the library for the life of the process.
   *
   * @return why it cannot be loaded, in the dynamic loader's words; empty when it is loaded
   */
  public static synchronized Optional<String> load(Path library) {
    if (symbols != null) {
      throw new IllegalStateException("libpython is loaded once per process");
    }
    Optional<String> problem = openGlobally(library);
    if (problem.isEmpty()) {
      SymbolLookup lookup = SymbolLookup.libraryLookup(library, Arena.global());
      if (lookup.find("Py_InitializeEx").isEmpty()) {
        return Optional.of(library + " is not a library of CPython (it has no Py_InitializeEx)");
      }
      symbols = lookup;
    }
    return problem;
  }

  /** Uses symbols that are in the process already. */
  static synchronized void use(SymbolLookup lookup) {
    if (symbols != null) {
      throw new IllegalStateException("libpython is loaded once per process");
    }
    symbols = lookup;
  }

  private static Optional<String> openGlobally(Path library) {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> dlopen = linker.defaultLookup().find("dlopen");
    if (dlopen.isEmpty()) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom(library.toString());
      // Safe: dlopen(const char *, int) and char *dlerror(void), as POSIX declares them.
      MemorySegment handle =
          (MemorySegment)
              linker
                  .downcallHandle(dlopen.get(), FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT))
                  .invokeExact(path, RTLD_NOW | RTLD_GLOBAL);
      if (handle.address() != 0) {
        return Optional.empty();
      }
      MemorySegment message =
          (MemorySegment)
              linker
                  .downcallHandle(
                      linker.defaultLookup().findOrThrow("dlerror"), FunctionDescriptor.of(ADDRESS))
                  .invokeExact();
      return Optional.of(
          message.address() == 0
              ? "the dynamic loader gave no reason"
              : message.reinterpret(Long.MAX_VALUE).getString(0));
    } catch (Error e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException("dlopen failed", t);
    }
  }

  /** A function or variable that every supported version exports. */
  static MemorySegment symbol(String name) {
    return optional(name)
        .orElseThrow(
            () -> new IllegalStateException("libpython lacks " + name + ": unsupported version?"));
  }

  /** A function or variable that only some versions export. */
  static Optional<MemorySegment> optional(String name) {
    SymbolLookup lookup = symbols;
    if (lookup == null) {
      throw new IllegalStateException("libpython is not loaded");
    }
    return lookup.find(name);
  }

  /** The address of an exported variable, such as {@code PyList_Type}. */
  static long address(String name) {
    return symbol(name).address();
  }
}
