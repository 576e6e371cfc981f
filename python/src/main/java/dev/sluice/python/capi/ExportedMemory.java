package dev.sluice.python.capi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Java's memory as Python's buffer protocol shows it; kept alive by {@link BufferType} as long as
 * the Python object is. The count of views may be asked and closed on any thread.
 */
public final class ExportedMemory {
  private static final int CLOSED = -1;

  /**
   * The kinds of lifetime that nobody can end while the memory is reachable. The JDK has no
   * question for it, so the class of a scope answers; that the closable ones have other classes is
   * checked.
   */
  private static final List<Class<?>> LASTING =
      List.of(
          Arena.global().scope().getClass(),
          Arena.ofAuto().scope().getClass(),
          MemorySegment.ofBuffer(ByteBuffer.allocateDirect(1)).scope().getClass());

  final MemorySegment memory;
  final boolean readOnly;
  final long itemSize;
  final int dimensions;
  private final Object owner;
  private final Memory.Block layout;
  private final AtomicInteger views = new AtomicInteger();

  /**
   * Describes memory of one dimension or more.
   *
   * @param owner what frees the memory when it becomes unreachable
   * @param format one item, as the struct module writes it
   */
  public ExportedMemory(
      MemorySegment memory, Object owner, String format, long itemSize, long... shape) {
    this.memory = memory;
    this.owner = owner;
    this.readOnly = memory.isReadOnly();
    this.itemSize = itemSize;
    this.dimensions = shape.length;
    byte[] text = format.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    layout = Memory.allocate(shape.length * 16L + text.length + 1);
    long stride = itemSize;
    for (int i = shape.length - 1; i >= 0; i--) {
      Memory.putLong(shape() + 8L * i, shape[i]);
      Memory.putLong(strides() + 8L * i, stride);
      stride *= shape[i];
    }
    Memory.copy(text, 0, text.length, format());
  }

  /** Whether the memory stays as long as it is reachable, so that Python may see it. */
  public static boolean isLasting(MemorySegment memory) {
    Class<?> kind = memory.scope().getClass();
    return LASTING.contains(kind) && kind != ClosableScope.KIND;
  }

  /** Whether the class is that of segments. */
  public static boolean isSegment(Class<?> type) {
    return type == MemorySegment.class;
  }

  /** A copy outside of the Java heap, which does not move; nobody may write to it. */
  public static MemorySegment copyOf(MemorySegment memory) {
    // Aligned for items of every type.
    return Arena.ofAuto().allocate(memory.byteSize(), 16).copyFrom(memory).asReadOnly();
  }

  private static final class ClosableScope {
    static final Class<?> KIND = kind();

    private static Class<?> kind() {
      try (Arena arena = Arena.ofShared()) {
        return arena.scope().getClass();
      }
    }
  }

  long shape() {
    return layout.address();
  }

  long strides() {
    return layout.address() + 8L * dimensions;
  }

  long format() {
    return layout.address() + 16L * dimensions;
  }

  /** How many views Python has; -1 after closing. */
  public int views() {
    return views.get();
  }

  /** What keeps the memory. */
  public @Nullable Object owner() {
    return owner;
  }

  /** Counts a view, unless the memory was closed. */
  boolean open() {
    return views.getAndUpdate(count -> count == CLOSED ? CLOSED : count + 1) != CLOSED;
  }

  void viewClosed() {
    views.decrementAndGet();
  }

  /** Lets Python make no more views; false if it still has some. */
  public boolean close() {
    return views.compareAndSet(0, CLOSED) || views.get() == CLOSED;
  }

  /** The same where Python is no more, whatever views it had. */
  public void closeAfterTheEnd() {
    views.set(CLOSED);
  }
}
