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

  public Lease(long address, long size, boolean readOnly) {
    // Safe as long as the owner keeps the memory, which it does until after close().
    MemorySegment all = MemorySegment.ofAddress(address).reinterpret(size, arena, null);
    this.segment = readOnly ? all.asReadOnly() : all;
  }

  public MemorySegment segment() {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException("the buffer was used after it was closed");
    }
    return segment;
  }

  /** Reachable as long as any segment or buffer that was made of this memory. */
  public Object lifetime() {
    return arena.scope();
  }

  /**
   * Ends the lease, once.
   *
   * @throws IllegalStateException if a call is using the memory at this moment
   */
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
