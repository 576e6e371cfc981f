package dev.sluice.python;

import dev.sluice.python.capi.ExportedMemory;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;

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
    JavaMemory memory = JavaMemory.of(buffer);
    return of(interpreter, memory.segment(), buffer, memory.format(), memory.itemSize());
  }

  static SharedMemory of(
      Interpreter interpreter,
      MemorySegment segment,
      Object owner,
      String format,
      long itemSize,
      long... shape) {
    Calls.state(interpreter);
    JavaMemory.refuseUnsafe(segment);
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
    return new SharedMemory(memory, interpreter.own(JavaMemory.newObject(interpreter, memory)));
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
