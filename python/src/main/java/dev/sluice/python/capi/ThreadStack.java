package dev.sluice.python.capi;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;

/**
 * The stack of one thread, which it grows down in.
 *
 * @param lowest its lowest address
 * @param size its bytes
 */
record ThreadStack(long lowest, long size) {
  /** The calling thread's. */
  static Optional<ThreadStack> ofCaller() {
    var lookup = Linker.nativeLinker().defaultLookup();
    Optional<MemorySegment> getAttributes = lookup.find("pthread_getattr_np");
    if (getAttributes.isEmpty()) {
      return ofCallerOnMac(lookup);
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
      return Optional.of(new ThreadStack(Memory.getLong(slots), Memory.getLong(slots + 8)));
    }
  }

  /** macOS tells the highest address instead. */
  private static Optional<ThreadStack> ofCallerOnMac(SymbolLookup lookup) {
    Optional<MemorySegment> sizeOf = lookup.find("pthread_get_stacksize_np");
    Optional<MemorySegment> highestOf = lookup.find("pthread_get_stackaddr_np");
    if (sizeOf.isEmpty() || highestOf.isEmpty()) {
      return Optional.empty();
    }
    long self = Shapes.call(lookup.findOrThrow("pthread_self"));
    long size = Shapes.call(sizeOf.get(), self);
    return Optional.of(new ThreadStack(Shapes.call(highestOf.get(), self) - size, size));
  }

  boolean contains(long address) {
    return address >= lowest && address < lowest + size;
  }
}
