package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Ending this process, from any thread. */
public final class ProcessApi {
  private ProcessApi() {}

  /** Ends the process without running anything more in it; returns only where there is no _exit. */
  public static void exit(int code) {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> function = linker.defaultLookup().find("_exit");
    if (function.isEmpty()) {
      return;
    }
    try {
      // Safe: void _exit(int), as POSIX and Windows declare it.
      linker.downcallHandle(function.get(), FunctionDescriptor.ofVoid(JAVA_INT)).invokeExact(code);
    } catch (Throwable t) {
      throw new IllegalStateException("_exit failed", t);
    }
  }
}
