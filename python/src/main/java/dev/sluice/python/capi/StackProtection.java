package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;

/** Where Python 3.14 and later believe a thread's stack to end; on that thread. */
final class StackProtection {
  private static final Optional<MemorySegment> SET =
      Libpython.optional("PyUnstable_ThreadState_SetStackProtection");

  /** {@code _PyOS_STACK_MARGIN_BYTES} on 64 bits. */
  private static final long MARGIN = 16 * 1024;

  /** The three words stand behind the plain thread state. */
  private static final int SEARCHED = 1000;

  private StackProtection() {}

  static void set(long state, long lowest, long size) {
    if (SET.isPresent()) {
      Shapes.call(SET.get(), state, lowest, size);
    } else if (Words.OFFSET.isPresent()) {
      long words = state + Words.OFFSET.getAsLong();
      Memory.putLong(words, lowest + size);
      Memory.putLong(words + 8, lowest + 2 * MARGIN);
      Memory.putLong(words + 16, lowest + MARGIN);
    }
  }

  /**
   * 3.14.0 lacks the function: the highest address, the limit and, below it, where the process
   * ends, as found in a state that is attached. A new state has zeros there until it is attached,
   * and keeps what it has.
   */
  private static final class Words {
    static final OptionalLong OFFSET = find(ThreadApi.currentOrNull());

    private static OptionalLong find(long state) {
      Optional<ThreadStack> stack = ThreadStack.ofCaller();
      for (long at = 0; state != 0 && stack.isPresent() && at < SEARCHED; at += 8) {
        long highest = Memory.getLong(state + at);
        long limit = Memory.getLong(state + at + 8);
        if (stack.get().contains(highest - MARGIN)
            && stack.get().contains(limit)
            && limit - Memory.getLong(state + at + 16) == MARGIN) {
          return OptionalLong.of(at);
        }
      }
      return OptionalLong.empty();
    }
  }
}
