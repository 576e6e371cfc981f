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
 * Memory of Java's as the buffer protocol describes it, whatever object of Java's it belongs to.
 *
 * @param format one item, as the struct module writes it: sizes are C's, which are Java's here
 */
record JavaMemory(MemorySegment segment, String format, long itemSize) {
  private static final String HOW =
      "use ByteBuffer.allocateDirect or Arena.ofAuto() for memory that both see";

  /** What remains in a buffer, as items of its own type. */
  static JavaMemory of(Buffer buffer) {
    MemorySegment segment = MemorySegment.ofBuffer(buffer);
    String format = format(buffer);
    int items = buffer.remaining();
    return items == 0
        ? new JavaMemory(segment, "B", 1)
        : new JavaMemory(segment, format, segment.byteSize() / items);
  }

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

  private static JavaMemory of(Object value) {
    return switch (value) {
      case Buffer buffer -> of(buffer);
      case MemorySegment segment -> new JavaMemory(segment, "B", 1);
      case byte[] items -> new JavaMemory(MemorySegment.ofArray(items), "b", 1);
      case short[] items -> new JavaMemory(MemorySegment.ofArray(items), "h", 2);
      case char[] items -> new JavaMemory(MemorySegment.ofArray(items), "H", 2);
      case int[] items -> new JavaMemory(MemorySegment.ofArray(items), "i", 4);
      case long[] items -> new JavaMemory(MemorySegment.ofArray(items), "q", 8);
      case float[] items -> new JavaMemory(MemorySegment.ofArray(items), "f", 4);
      case double[] items -> new JavaMemory(MemorySegment.ofArray(items), "d", 8);
      default -> throw new IllegalArgumentException("no memory: " + value.getClass().getTypeName());
    };
  }

  /**
   * A new object with the buffer protocol, on an attached thread; null with an exception set on
   * failure. Memory of the Java heap moves: of that Python gets a copy, for reading.
   *
   * @throws IllegalArgumentException if Python cannot have this memory
   */
  static long share(Interpreter interpreter, Object value, boolean isWritable) {
    JavaMemory memory = of(value);
    MemorySegment segment = memory.segment;
    if (!segment.isNative()) {
      if (isWritable) {
        throw new IllegalArgumentException(
            "memory of the Java heap moves, so that Python gets a copy of it, for reading: " + HOW);
      }
      segment = ExportedMemory.copyOf(segment);
    }
    refuseUnsafe(segment);
    return newObject(
        interpreter,
        new ExportedMemory(
            segment, value, memory.format, memory.itemSize, segment.byteSize() / memory.itemSize));
  }

  /** A new object that shows the memory. */
  static long newObject(Interpreter interpreter, ExportedMemory memory) {
    long type = interpreter.names().type(SharedMemory.class, BufferType::create);
    return Calls.orThrow(
        interpreter, BufferType.newObject(Calls.orThrow(interpreter, type), memory));
  }

  /** Memory that could go while Python sees it. */
  static void refuseUnsafe(MemorySegment segment) {
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
}
