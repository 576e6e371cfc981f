package dev.sluice.python.capi;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;

/**
 * CPython that somebody else has brought into this process and started: as a shared library, or as
 * part of the executable. Any thread may ask, attached or not.
 *
 * <p>Java's own lookups see neither the executable's symbols nor those of libraries that Java has
 * not loaded; {@code dlsym(RTLD_DEFAULT)} does. Where there is no dlsym (Windows) nothing is found.
 */
public final class RunningPython {
  private static final SymbolLookup C = Linker.nativeLinker().defaultLookup();
  private static final Optional<MemorySegment> DLSYM = C.find("dlsym");
  private static final long RTLD_DEFAULT =
      System.getProperty("os.name", "").startsWith("Mac") ? -2 : 0;

  private RunningPython() {}

  /** Whether CPython is here, and has been initialised and not finalised since. */
  public static boolean isInitialized() {
    Optional<MemorySegment> initialized = find("Py_IsInitialized");
    return initialized.isPresent() && (int) Shapes.call(initialized.get()) != 0;
  }

  /** What CPython says of its version and build. */
  public static String version() {
    return Memory.string(Shapes.call(require("Py_GetVersion")));
  }

  /** The file that CPython's code is in, as the dynamic loader names it; empty if it cannot say. */
  public static String file() {
    Optional<MemorySegment> dladdr = C.find("dladdr");
    if (dladdr.isEmpty()) {
      return "";
    }
    try (Arena arena = Arena.ofConfined()) {
      // Safe: int dladdr(const void *, Dl_info *); Dl_info is four pointers, the first a path.
      long info = arena.allocate(32, 8).address();
      long inside = require("Py_IsInitialized").address();
      boolean found = (int) Shapes.call(dladdr.get(), inside, info) != 0;
      return found && Memory.getLong(info) != 0 ? Memory.string(Memory.getLong(info)) : "";
    }
  }

  /** A text in the module sys, such as {@code prefix}; empty if it is none. */
  public static String sys(String name) {
    MemorySegment ensure = require("PyGILState_Ensure");
    MemorySegment release = require("PyGILState_Release");
    MemorySegment get = require("PySys_GetObject");
    MemorySegment text = require("PyUnicode_AsUTF8");
    MemorySegment clear = require("PyErr_Clear");
    try (Arena arena = Arena.ofConfined()) {
      long key = arena.allocateFrom(name).address();
      long before = Shapes.call(ensure);
      try {
        long object = Shapes.call(get, key);
        long bytes = object == 0 ? 0 : Shapes.call(text, object);
        if (bytes == 0) {
          Shapes.call(clear);
        }
        return bytes == 0 ? "" : Memory.string(bytes);
      } finally {
        Shapes.call(release, before);
      }
    }
  }

  /** Makes it the CPython that all of this package calls. */
  public static void use() {
    Libpython.use(RunningPython::find);
  }

  private static Optional<MemorySegment> find(String name) {
    if (DLSYM.isEmpty()) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      // Safe: void *dlsym(void *, const char *), as POSIX declares it.
      long found = Shapes.call(DLSYM.get(), RTLD_DEFAULT, arena.allocateFrom(name).address());
      return found == 0 ? Optional.empty() : Optional.of(MemorySegment.ofAddress(found));
    }
  }

  private static MemorySegment require(String name) {
    return find(name)
        .orElseThrow(() -> new IllegalStateException("the CPython in this process lacks " + name));
  }
}
