package dev.sluice.python;

import dev.sluice.python.capi.BufferType;
import dev.sluice.python.capi.ExportedMemory;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;

/**
 * Memory of Java's that Python sees without a copy, through {@code memoryview(object)} or {@code
 * numpy.frombuffer(object)}. Made on an attached thread; asked and closed on any.
 *
 * <p>Python keeps the memory alive as long as it has the object or a view. It has to be native
 * memory that nobody can free meanwhile: a direct buffer, or a segment of {@code Arena.ofAuto()} or
 * {@code Arena.global()}. Segments of other arenas are refused, because their memory would be gone
 * under Python when the arena is closed; so is memory of the Java heap, which moves. (A direct
 * buffer that a library frees by hand, as Netty does, must not be freed before {@link #close} has
 * succeeded.)
 */
public final class SharedMemory implements AutoCloseable {
  private final ExportedMemory memory;
  private final PyObject object;

  private SharedMemory(ExportedMemory memory, PyObject object) {
    this.memory = memory;
    this.object = object;
  }

  /** What remains in a direct buffer, as items of its own type. */
  public static SharedMemory of(Attached py, Buffer buffer) {
    return of(py.interpreter(), buffer);
  }

  /**
   * A native segment.
   *
   * @param format one item's type, as Python's struct module writes it, such as {@code "d"}
   * @param itemSize the bytes of one item, as {@code struct.calcsize} gives them for the format
   * @param shape the number of items in each dimension; none means one dimension of all
   * @throws IllegalArgumentException if the items do not have that size, or do not fill the segment
   */
  public static SharedMemory of(
      Attached py, MemorySegment segment, String format, long itemSize, long... shape) {
    try (PyObject struct = py.importModule("struct");
        PyObject size = struct.callMethod("calcsize", format)) {
      // Python writes as many bytes as the format has.
      if (itemSize <= 0 || size.as(long.class) != itemSize) {
        throw new IllegalArgumentException(
            "an item of format \"%s\" takes %s bytes, not %d".formatted(format, size, itemSize));
      }
    }
    return of(py.interpreter(), segment, segment, format, itemSize, shape);
  }

  static SharedMemory of(Interpreter interpreter, Buffer buffer) {
    String format = format(buffer);
    MemorySegment segment = MemorySegment.ofBuffer(buffer);
    long itemSize = buffer.remaining() == 0 ? 1 : segment.byteSize() / buffer.remaining();
    return of(interpreter, segment, buffer, buffer.remaining() == 0 ? "B" : format, itemSize);
  }

  static SharedMemory of(
      Interpreter interpreter,
      MemorySegment segment,
      Object owner,
      String format,
      long itemSize,
      long... shape) {
    Calls.state(interpreter);
    refuseUnsafe(segment);
    long[] dimensions = shape.length == 0 ? new long[] {segment.byteSize() / itemSize} : shape;
    long size = itemSize;
    for (long items : dimensions) {
      size = Math.multiplyExact(size, items);
    }
    if (size != segment.byteSize()) {
      throw new IllegalArgumentException(
          "items of %d bytes in this shape take %d bytes, but the segment has %d"
              .formatted(itemSize, size, segment.byteSize()));
    }
    ExportedMemory memory = new ExportedMemory(segment, owner, format, itemSize, dimensions);
    long type = interpreter.names().type(SharedMemory.class, BufferType::create);
    long made = BufferType.newObject(Calls.orThrow(interpreter, type), memory);
    return new SharedMemory(memory, interpreter.own(Calls.orThrow(interpreter, made)));
  }

  private static void refuseUnsafe(MemorySegment segment) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "memory of the Java heap cannot be shared with Python: use ByteBuffer.allocateDirect or"
              + " Arena.ofAuto(), or hand over an array, which is copied");
    }
    if (!ExportedMemory.isLasting(segment)) {
      throw new IllegalArgumentException(
          "a segment whose arena can be closed cannot be shared with Python, which might still use"
              + " it then: allocate it from Arena.ofAuto() or Arena.global()");
    }
  }

  /** As the struct module writes it: sizes are C's, which are Java's here. */
  private static String format(Buffer buffer) {
    if (buffer instanceof ByteBuffer) {
      return "B";
    }
    record Kind(String format, ByteOrder order) {}
    Kind kind =
        switch (buffer) {
          case DoubleBuffer items -> new Kind("d", items.order());
          case FloatBuffer items -> new Kind("f", items.order());
          case LongBuffer items -> new Kind("q", items.order());
          case IntBuffer items -> new Kind("i", items.order());
          case ShortBuffer items -> new Kind("h", items.order());
          case CharBuffer items -> new Kind("H", items.order());
          default -> throw new IllegalArgumentException("an unknown buffer: " + buffer);
        };
    if (kind.order() != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException(
          "a buffer of the other byte order: use ByteBuffer.order(ByteOrder.nativeOrder())");
    }
    return kind.format();
  }

  /** The Python object, with the buffer protocol; {@code memoryview} makes it usable in Python. */
  public PyObject object() {
    return object;
  }

  /** How many views Python has of the memory now. */
  public int views() {
    return Math.max(memory.views(), 0);
  }

  /**
   * Takes the memory back: from now on Python gets a BufferError instead of a view. From any
   * thread; closing twice does nothing.
   *
   * @throws IllegalStateException if Python still has views, as {@code memoryview.release} says;
   *     after the interpreter's end there are none
   */
  @Override
  public void close() {
    Interpreter interpreter = object.interpreter();
    // A Python program that Sluice has left goes on, with its views.
    if (interpreter.references().areEnded() && !interpreter.isGuest()) {
      memory.closeAfterTheEnd();
    }
    if (!memory.close()) {
      throw new IllegalStateException(
          "Python still has %d view(s) of this memory: release them, and what was made from them"
              .formatted(memory.views()));
    }
    object.close();
  }
}
