package dev.sluice.python;

import dev.sluice.python.capi.Memory;

/**
 * One thread's state in one interpreter; touched by its thread only, but for {@link #inside}, which
 * the thread that closes the interpreter reads.
 */
final class ThreadState {
  private static final long SCRATCH_BYTES = 16 * 1024;

  final Interpreter interpreter;
  final long address;
  final Thread thread;

  /** Native memory for the arguments of one call at a time. */
  final Memory.Block scratch = Memory.allocate(SCRATCH_BYTES);

  /** Native memory for the arguments of calls, which nest. */
  final ArgumentStack arguments = new ArgumentStack();

  /** How many scopes of the thread are open in this interpreter, detached ones included. */
  int depth;

  /**
   * True from before the first scope takes the GIL until after the last one gave it back. Written
   * before {@code interpreter.closed} is read, while closing writes that before it reads this: one
   * of the two sees the other.
   */
  volatile boolean inside;

  ThreadState(Interpreter interpreter, long address, Thread thread) {
    this.interpreter = interpreter;
    this.address = address;
    this.thread = thread;
  }
}
