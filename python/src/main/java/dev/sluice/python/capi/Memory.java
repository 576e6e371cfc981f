package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_CHAR_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;

/** Reads and writes native memory by address; any thread that knows the address to be valid. */
public final class Memory {
  // Safe only together with an address that CPython or an arena of ours has just vouched for.
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private Memory() {}

  public static long getLong(long address) {
    return ALL.get(JAVA_LONG_UNALIGNED, address);
  }

  public static int getInt(long address) {
    return ALL.get(JAVA_INT_UNALIGNED, address);
  }

  /** The int at an address that is a multiple of 4, which other threads write. */
  public static int getIntAcquire(long address) {
    return (int) INT.getAcquire(ALL, address);
  }

  /** The long at an address that is a multiple of 8, which other threads write. */
  public static long getLongAcquire(long address) {
    return (long) LONG.getAcquire(ALL, address);
  }

  public static double getDouble(long address) {
    return ALL.get(JAVA_DOUBLE_UNALIGNED, address);
  }

  public static byte getByte(long address) {
    return ALL.get(JAVA_BYTE, address);
  }

  public static void putLong(long address, long value) {
    ALL.set(JAVA_LONG_UNALIGNED, address, value);
  }

  public static void putInt(long address, int value) {
    ALL.set(JAVA_INT_UNALIGNED, address, value);
  }

  public static void putByte(long address, byte value) {
    ALL.set(JAVA_BYTE, address, value);
  }

  /** Copies bytes out of native memory. */
  public static void copy(long from, byte[] to, int offset, int length) {
    MemorySegment.copy(ALL, JAVA_BYTE, from, to, offset, length);
  }

  /** Copies bytes into native memory. */
  public static void copy(byte[] from, int offset, int length, long to) {
    MemorySegment.copy(from, offset, ALL, JAVA_BYTE, to, length);
  }

  /** Copies what remains in the buffer into native memory; the buffer's position stays. */
  public static void copy(ByteBuffer from, long to) {
    MemorySegment source = MemorySegment.ofBuffer(from);
    MemorySegment.copy(source, 0, ALL, to, source.byteSize());
  }

  /** A view of native memory, valid only as long as the memory is. */
  public static ByteBuffer view(long address, int length) {
    return ALL.asSlice(address, length).asByteBuffer();
  }

  /** The C string at the address. */
  public static String string(long address) {
    return ALL.getString(address);
  }

  public static char[] chars(long address, int length) {
    char[] result = new char[length];
    MemorySegment.copy(ALL, JAVA_CHAR_UNALIGNED, address, result, 0, length);
    return result;
  }

  public static int[] ints(long address, int length) {
    int[] result = new int[length];
    MemorySegment.copy(ALL, JAVA_INT_UNALIGNED, address, result, 0, length);
    return result;
  }

  public static byte[] bytes(long address, int length) {
    byte[] result = new byte[length];
    copy(address, result, 0, length);
    return result;
  }

  /** The bytes of one number of a primitive type. */
  public static int sizeOf(Class<?> type) {
    return switch (type.descriptorString()) {
      case "Z", "B" -> 1;
      case "S", "C" -> 2;
      case "I", "F" -> 4;
      default -> 8;
    };
  }

  /** A new array of a primitive type, copied from so many bytes of native memory. */
  public static Object array(long address, long size, Class<?> component) {
    int length = Math.toIntExact(size / sizeOf(component));
    Object array = Array.newInstance(component, length);
    if (array instanceof boolean[] truths) {
      for (int i = 0; i < length; i++) {
        truths[i] = getByte(address + i) != 0;
      }
      return truths;
    }
    MemorySegment target =
        switch (array) {
          case byte[] items -> MemorySegment.ofArray(items);
          case short[] items -> MemorySegment.ofArray(items);
          case int[] items -> MemorySegment.ofArray(items);
          case long[] items -> MemorySegment.ofArray(items);
          case float[] items -> MemorySegment.ofArray(items);
          case double[] items -> MemorySegment.ofArray(items);
          default -> throw new IllegalArgumentException("no array of " + component);
        };
    MemorySegment.copy(ALL, address, target, 0, size);
    return array;
  }

  /** Native memory that is freed when the returned object becomes unreachable. */
  public static Block allocate(long size) {
    MemorySegment segment = Arena.ofAuto().allocate(size, 16);
    return new Block(segment);
  }

  /** Native memory that is never freed: for definitions that CPython keeps. */
  public static long allocateForEver(long size) {
    return Arena.global().allocate(size, 16).address();
  }

  /** A C string that is never freed: for names that CPython keeps. */
  public static long stringForEver(String text) {
    return Arena.global().allocateFrom(text).address();
  }

  /** A piece of native memory; whoever holds it keeps it alive. */
  public static final class Block {
    private final MemorySegment segment;

    private Block(MemorySegment segment) {
      this.segment = segment;
    }

    public long address() {
      return segment.address();
    }

    public long size() {
      return segment.byteSize();
    }
  }
}
