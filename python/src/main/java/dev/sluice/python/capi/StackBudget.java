package dev.sluice.python.capi;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;

/**
 * Makes Python's limit of recursion fit the stack of the calling thread, which a new thread state
 * belongs to.
 *
 * <p>Before 3.14 CPython only counts: it allows as many levels of recursion through C as fit into 8
 * MiB, while a Java thread has 1 MiB unless it asked for more, and an overflow ends the JVM. From
 * 3.12 on levels in C are counted apart, so that only they are limited; 3.11 has one count for all.
 * The counters are found by the values that a new state has.
 *
 * <p>3.14 measures the stack itself, but keeps less of it free than a call into Java needs, which
 * would end the JVM as well: it is told that the stack ends earlier.
 */
final class StackBudget {
  /** Threads with at least this much are left alone: CPython's own limits fit. */
  private static final long ENOUGH = 8L * 1024 * 1024;

  /** What one level takes at the most, measured with sorted() calling itself: 3.11 counts one. */
  private static final long BYTES_PER_FRAME = 6144;

  /** The same from 3.12 on, which counts such a level three times. */
  private static final long BYTES_PER_LEVEL_IN_C = 4096;

  private static final int LEAST = 50;

  /** The counters stand near the front of the state. */
  private static final int SEARCHED = 160;

  /** What a call into Java and back may need, with the JVM's own guard pages. */
  private static final long RESERVED_FOR_JAVA = 256 * 1024;

  private static final Optional<MemorySegment> SET_PROTECTION =
      Libpython.optional("PyUnstable_ThreadState_SetStackProtection");

  private static final int MINOR_VERSION = LifecycleApi.minorVersion();

  private StackBudget() {}

  /** Lowers the limit of a state that the calling thread has just made, if its stack is small. */
  static void fit(long state) {
    Optional<Stack> found = stack();
    if (found.isEmpty()) {
      return;
    }
    Stack stack = found.get();
    if (MINOR_VERSION >= 14) {
      protect(state, stack);
    } else if (stack.size() < ENOUGH) {
      if (MINOR_VERSION >= 12) {
        limitLevelsInC(state, (int) Math.max(LEAST, stack.size() / BYTES_PER_LEVEL_IN_C));
      } else {
        limitFrames(state, (int) Math.max(LEAST, stack.size() / BYTES_PER_FRAME));
      }
    }
  }

  private static void protect(long state, Stack stack) {
    if (SET_PROTECTION.isPresent() && stack.size() > 2 * RESERVED_FOR_JAVA) {
      Shapes.call(
          SET_PROTECTION.get(),
          state,
          stack.lowest() + RESERVED_FOR_JAVA,
          stack.size() - RESERVED_FOR_JAVA);
    }
  }

  /** 3.12 and 3.13: remaining frames, limit of frames, remaining levels in C, headroom. */
  private static void limitLevelsInC(long state, int levels) {
    for (int at = 0; at < SEARCHED; at += 4) {
      int frames = Memory.getInt(state + at);
      int remaining = Memory.getInt(state + at + 8);
      if (frames >= LEAST
          && frames == Memory.getInt(state + at + 4)
          && remaining >= 200
          && remaining <= 100_000
          && Memory.getInt(state + at + 12) == 0) {
        Memory.putInt(state + at + 8, Math.min(remaining, levels));
        return;
      }
    }
  }

  /** 3.11: remaining levels, limit of levels, headroom. */
  private static void limitFrames(long state, int levels) {
    for (int at = 0; at < SEARCHED; at += 4) {
      int remaining = Memory.getInt(state + at);
      if (remaining >= LEAST
          && remaining <= 1_000_000
          && remaining == Memory.getInt(state + at + 4)
          && Memory.getInt(state + at + 8) == 0) {
        // The limit stays, as if the rest were in use: one below the interpreter's would be raised.
        Memory.putInt(state + at, Math.min(remaining, levels));
        return;
      }
    }
  }

  /** Whether the calling thread's stack is as deep as CPython takes for granted. */
  static boolean isEnough() {
    return stack().map(stack -> stack.size() >= ENOUGH).orElse(true);
  }

  /** The calling thread's stack: its lowest address and its size. */
  private record Stack(long lowest, long size) {}

  private static Optional<Stack> stack() {
    var lookup = Linker.nativeLinker().defaultLookup();
    Optional<MemorySegment> getAttributes = lookup.find("pthread_getattr_np");
    if (getAttributes.isEmpty()) {
      return stackOfMac(lookup);
    }
    try (Arena arena = Arena.ofConfined()) {
      // pthread_attr_t has 56 bytes with glibc and 64 with others.
      long attributes = arena.allocate(256, 16).address();
      long slots = arena.allocate(16, 8).address();
      long self = Shapes.call(lookup.findOrThrow("pthread_self"));
      if ((int) Shapes.call(getAttributes.get(), self, attributes) != 0) {
        return Optional.empty();
      }
      Shapes.call(lookup.findOrThrow("pthread_attr_getstack"), attributes, slots, slots + 8);
      Shapes.call(lookup.findOrThrow("pthread_attr_destroy"), attributes);
      return Optional.of(new Stack(Memory.getLong(slots), Memory.getLong(slots + 8)));
    }
  }

  /** macOS tells the highest address instead. */
  private static Optional<Stack> stackOfMac(SymbolLookup lookup) {
    Optional<MemorySegment> sizeOf = lookup.find("pthread_get_stacksize_np");
    Optional<MemorySegment> highestOf = lookup.find("pthread_get_stackaddr_np");
    if (sizeOf.isEmpty() || highestOf.isEmpty()) {
      return Optional.empty();
    }
    long self = Shapes.call(lookup.findOrThrow("pthread_self"));
    long size = Shapes.call(sizeOf.get(), self);
    return Optional.of(new Stack(Shapes.call(highestOf.get(), self) - size, size));
  }
}
