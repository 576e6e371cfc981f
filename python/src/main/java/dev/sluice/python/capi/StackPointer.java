package dev.sluice.python.capi;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import java.util.Optional;

/**
 * How far down its stack the calling thread is.
 *
 * <p>{@code setjmp} stores the stack pointer in its buffer, in 4 ns, which nobody ever jumps to.
 * glibc stores it mangled with a secret that the kernel hands to each process, and with which it
 * can be unmangled; musl stores it as it is. Which of these it is, and where it stands, is tried
 * out at the start: elsewhere the pointer is unknown, and taken to be far from the end.
 */
final class StackPointer {
  private static final int BUFFER_BYTES = 512;

  /** {@code AT_RANDOM}: 16 bytes, of which glibc uses the first 8 for another purpose. */
  private static final long RANDOM = 25;

  private static final SymbolLookup LOOKUP = Linker.nativeLinker().defaultLookup();
  private static final MemorySegment SETJMP = LOOKUP.find("_setjmp").orElse(MemorySegment.NULL);
  private static final Place PLACE = find().orElse(new Place(0, 0, 0));
  private static final boolean KNOWN = PLACE.offset != 0;

  // Constants of the compiled code, unlike a record's components.
  private static final long OFFSET = PLACE.offset;
  private static final int ROTATION = PLACE.rotation;
  private static final long SECRET = PLACE.secret;

  private StackPointer() {}

  /** Where in the buffer it is, and how it is mangled: exclusive or, then rotated left. */
  private record Place(long offset, int rotation, long secret) {
    long read(long buffer) {
      return Long.rotateRight(Memory.getLong(buffer + offset), rotation) ^ secret;
    }
  }

  /** Room for one thread's use. */
  static Memory.Block newBuffer() {
    return Memory.allocate(BUFFER_BYTES);
  }

  /** The calling thread's stack pointer, or the largest number where it cannot be known. */
  static long now(long buffer) {
    if (!KNOWN) {
      return Long.MAX_VALUE;
    }
    // Safe: int setjmp(jmp_buf) writes into the buffer and returns, once.
    Shapes.quick(SETJMP, buffer);
    return Long.rotateRight(Memory.getLong(buffer + OFFSET), ROTATION) ^ SECRET;
  }

  private static Optional<Place> find() {
    Optional<ThreadStack> stack = ThreadStack.ofCaller();
    if (SETJMP.address() == 0 || stack.isEmpty()) {
      return Optional.empty();
    }
    Memory.Block buffer = newBuffer();
    Shapes.quick(SETJMP, buffer.address());
    return candidates().stream()
        .filter(place -> stack.get().contains(place.read(buffer.address())))
        .findFirst();
  }

  private static List<Place> candidates() {
    long secret = secret();
    return switch (System.getProperty("os.arch", "")) {
      case "amd64", "x86_64" -> List.of(new Place(48, 17, secret), new Place(48, 0, 0));
      case "aarch64" -> List.of(new Place(104, 0, secret), new Place(104, 0, 0));
      default -> List.of();
    };
  }

  private static long secret() {
    long random = LOOKUP.find("getauxval").map(f -> Shapes.call(f, RANDOM)).orElse(0L);
    return random == 0 ? 0 : Memory.getLong(random + 8);
  }
}
