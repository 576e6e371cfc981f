package dev.sluice.python;

import dev.sluice.python.capi.Memory;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for the arguments of one thread's calls, used by that thread only.
 *
 * <p>A stack, because calls nest: Python called from Java may call Java, which calls Python while
 * the arguments of the first call are still read. Each {@link #take} is followed by a {@link #back}
 * of what it returned, in reverse order.
 */
final class ArgumentStack {
  private static final long CHUNK = 16 * 1024;

  private Chunk chunk = new Chunk(CHUNK, null);

  /** A piece of the stack; the next is made when this one is full. */
  private static final class Chunk {
    final Memory.Block memory;
    final long end;
    final @Nullable Chunk previous;
    long top;

    Chunk(long size, @Nullable Chunk previous) {
      this.memory = Memory.allocate(size);
      this.previous = previous;
      this.top = memory.address();
      this.end = top + size;
    }
  }

  /** Room for so many references, uninitialised. */
  long take(int slots) {
    long size = slots * 8L;
    if (chunk.top + size > chunk.end) {
      chunk = new Chunk(Math.max(size, CHUNK), chunk);
    }
    long taken = chunk.top;
    chunk.top = taken + size;
    return taken;
  }

  /** Gives back what was taken last. */
  void back(long taken) {
    chunk.top = taken;
    Chunk previous = chunk.previous;
    if (previous != null && taken == chunk.memory.address()) {
      chunk = previous;
    }
  }
}
