package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** What the system does with this process's signals, from any thread. */
public final class SignalApi {
  private static final long SIG_DFL = 0;
  private static final long SIG_ERR = -1;

  private SignalApi() {}

  /**
   * Has the system do with a signal what it does by default.
   *
   * @return whether it knows the signal
   */
  public static boolean setDefault(int number) {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> function = linker.defaultLookup().find("signal");
    if (function.isEmpty()) {
      return false;
    }
    try {
      // Safe: void (*signal(int, void (*)(int)))(int); pointers travel as integers of 64 bits.
      long before =
          (long)
              linker
                  .downcallHandle(
                      function.get(), FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG))
                  .invokeExact(number, SIG_DFL);
      return before != SIG_ERR;
    } catch (Throwable t) {
      throw new IllegalStateException("signal failed", t);
    }
  }
}
