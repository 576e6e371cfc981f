package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;

/**
 * Exceptions that one thread raises in another (pystate.h): Python raises them there at the next
 * bytecode, never in the middle of C code; every method needs an attached thread.
 */
public final class AsyncExceptions {
  private static final MemorySegment SET = Libpython.symbol("PyThreadState_SetAsyncExc");
  private static final MemorySegment IDENT = Libpython.symbol("PyThread_get_thread_ident");

  private AsyncExceptions() {}

  /** The number by which other threads name the calling one. */
  public static long ident() {
    return Shapes.call(IDENT);
  }

  /**
   * Raises an exception in a thread of the calling thread's interpreter.
   *
   * @param type an exception's class; borrowed
   * @return whether there is such a thread
   */
  public static boolean raise(long ident, long type) {
    return (int) Shapes.call(SET, ident, type) > 0;
  }

  /** Takes back what was not yet raised in a thread. */
  public static void clear(long ident) {
    Shapes.call(SET, ident, 0);
  }
}
