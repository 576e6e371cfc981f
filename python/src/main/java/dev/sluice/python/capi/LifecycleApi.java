package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.nio.file.Path;
import java.util.Optional;

/** Starting and ending CPython (pylifecycle.h), on the thread that is to be Python's main one. */
public final class LifecycleApi {
  private static final MemorySegment DECODE_LOCALE = Libpython.symbol("Py_DecodeLocale");
  private static final MemorySegment SET_PROGRAM_NAME = Libpython.symbol("Py_SetProgramName");
  private static final MemorySegment FINALIZE = Libpython.symbol("Py_FinalizeEx");
  private static final MemorySegment VERSION = Libpython.symbol("Py_GetVersion");

  /** {@code PyStatus}, returned by value. */
  static final StructLayout STATUS =
      MemoryLayout.structLayout(
          JAVA_INT.withName("_type"),
          MemoryLayout.paddingLayout(4),
          ADDRESS.withName("func"),
          ADDRESS.withName("err_msg"),
          JAVA_INT.withName("exitcode"),
          MemoryLayout.paddingLayout(4));

  /** {@code PyPreConfig} is ten ints (eleven on Windows), the same since 3.8. */
  private static final int PRE_CONFIG_SIZE = 64;

  private static final int PRE_CONFIG_PARSE_ARGV = 4;
  private static final int PRE_CONFIG_COERCE_C_LOCALE = 20;

  /** {@code PyConfig} is of another size in each version; its largest so far is about 500 bytes. */
  private static final int CONFIG_SIZE = 4096;

  /** An int that is 1 by default; only four ints stand before it, the same since 3.8. */
  private static final int CONFIG_INSTALL_SIGNAL_HANDLERS = 16;

  private LifecycleApi() {}

  /** The version, such as {@code 3.14.3}; needs no initialisation. */
  public static String version() {
    long text = Shapes.call(VERSION);
    String full = MemorySegment.ofAddress(text).reinterpret(Long.MAX_VALUE).getString(0);
    return full.substring(0, full.indexOf(' ') < 0 ? full.length() : full.indexOf(' '));
  }

  /** The number behind the first dot of the version. */
  public static int minorVersion() {
    return Integer.parseInt(version().split("\\.", -1)[1]);
  }

  /**
   * Chooses text encodings as the {@code python} command does (UTF-8 mode in a C locale), but
   * leaves the process's locale to the JVM.
   *
   * @return why it failed, if it did
   */
  public static Optional<String> preInitialize() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment config = arena.allocate(PRE_CONFIG_SIZE, 8);
      Shapes.call(Libpython.symbol("PyPreConfig_InitPythonConfig"), config.address());
      config.set(JAVA_INT, PRE_CONFIG_PARSE_ARGV, 0);
      config.set(JAVA_INT, PRE_CONFIG_COERCE_C_LOCALE, 0);
      return run("Py_PreInitialize", arena, config);
    }
  }

  /**
   * Initialises CPython; the calling thread becomes Python's main thread and is attached.
   *
   * @param programName decides prefix, standard library and virtual environment
   * @return why it failed, if it did; CPython is then of no use in this process
   */
  public static Optional<String> initialize(Path programName) {
    try (Arena arena = Arena.ofConfined()) {
      long name = Memory.stringForEver(programName.toString());
      // CPython keeps the wide string; it is not to be freed. Through the configuration itself it
      // would need an offset that differs between the versions.
      Shapes.call(SET_PROGRAM_NAME, Shapes.call(DECODE_LOCALE, name, 0));
      MemorySegment config = arena.allocate(CONFIG_SIZE, 8);
      Shapes.call(Libpython.symbol("PyConfig_InitPythonConfig"), config.address());
      if (config.get(JAVA_INT, CONFIG_INSTALL_SIGNAL_HANDLERS) != 1) {
        return Optional.of("the layout of PyConfig is not as expected");
      }
      // The JVM's signal handlers stay.
      config.set(JAVA_INT, CONFIG_INSTALL_SIGNAL_HANDLERS, 0);
      Optional<String> problem = run("Py_InitializeFromConfig", arena, config);
      Shapes.call(Libpython.symbol("PyConfig_Clear"), config.address());
      return problem;
    }
  }

  /** Calls a {@code PyStatus function(const Config *)}. */
  private static Optional<String> run(String function, Arena arena, MemorySegment config) {
    try {
      return problem(
          (MemorySegment)
              Linker.nativeLinker()
                  .downcallHandle(
                      Libpython.symbol(function), FunctionDescriptor.of(STATUS, ADDRESS))
                  .invokeExact((SegmentAllocator) arena, config));
    } catch (Error e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(function + " failed", t);
    }
  }

  /** Why a function failed that has returned this {@code PyStatus}, if it did. */
  static Optional<String> problem(MemorySegment status) {
    if (status.get(JAVA_INT, 0) == 0) {
      return Optional.empty();
    }
    MemorySegment message = status.get(ADDRESS, 16);
    return Optional.of(
        message.address() == 0
            ? "no reason given"
            : message.reinterpret(Long.MAX_VALUE).getString(0));
  }

  /** Ends CPython; on its main thread, attached. -1 if buffered output could not be written. */
  public static int finish() {
    return (int) Shapes.call(FINALIZE);
  }
}
