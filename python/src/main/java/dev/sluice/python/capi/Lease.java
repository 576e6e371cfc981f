package dev.sluice.python.capi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory of somebody else's that Java may use until the lease is closed, by any thread; after that
 * every use throws IllegalStateException.
 */
public final class Lease {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment segment;
  private volatile boolean closed;

  public Lease(long address, long size, boolean readOnly) {
    // Safe as long as the owner keeps the memory, which it does until after close().
    // Segments refer to the action, and so to this: whoever finds this can close all of them.
    MemorySegment all =
        MemorySegment.ofAddress(address).reinterpret(size, arena, ended -> closed = true);
    this.segment = readOnly ? all.asReadOnly() : all;
  }

  public MemorySegment segment() {
    if (closed) {
      throw new IllegalStateException("the buffer was used after it was closed");
    }
    return segment;
  }

  /** Reachable as long as this, and as any segment or buffer that was made of this memory. */
  public Object lifetime() {
    return arena.scope();
  }

  /**
   * Ends the lease; closing twice does nothing.
   *
   * @throws IllegalStateException if a call is using the memory at this moment
   */
  public void close() {
    try {
      arena.close();
    } catch (IllegalStateException e) {
      if (arena.scope().isAlive()) {
        throw e;
      }
    }
  }
}
