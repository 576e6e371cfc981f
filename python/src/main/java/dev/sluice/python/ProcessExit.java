package dev.sluice.python;

import dev.sluice.python.capi.ProcessApi;

/** The end of a process in which Python may hang, from any thread. */
public final class ProcessExit {
  private ProcessExit() {}

  /**
   * Ends the process at once.
   *
   * <p>{@link Runtime#halt} first waits up to 300 ms for threads that run native code, and then
   * runs the exit functions of C libraries, which may wait for such threads for ever.
   */
  public static void now(int code) {
    System.out.flush();
    System.err.flush();
    ProcessApi.exit(code);
    Runtime.getRuntime().halt(code);
  }
}
