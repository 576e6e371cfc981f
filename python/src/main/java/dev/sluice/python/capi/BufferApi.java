package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;

/**
 * The buffer protocol (pybuffer.h): {@code Py_buffer}, whose layout is part of CPython's stable ABI
 * since 3.11. Every method needs an attached thread.
 */
public final class BufferApi {
  private static final MemorySegment CHECK = Libpython.symbol("PyObject_CheckBuffer");
  private static final MemorySegment GET = Libpython.symbol("PyObject_GetBuffer");
  private static final MemorySegment RELEASE = Libpython.symbol("PyBuffer_Release");
  private static final MemorySegment TO_CONTIGUOUS = Libpython.symbol("PyBuffer_ToContiguous");
  private static final MemorySegment IS_CONTIGUOUS = Libpython.symbol("PyBuffer_IsContiguous");

  /** {@code sizeof(Py_buffer)}. */
  public static final int VIEW_SIZE = 80;

  static final int BUF = 0;
  static final int OBJ = 8;
  static final int LEN = 16;
  static final int ITEM_SIZE = 24;
  static final int READ_ONLY = 32;
  static final int DIMENSIONS = 36;
  static final int FORMAT = 40;
  static final int SHAPE = 48;
  static final int STRIDES = 56;
  static final int SUBOFFSETS = 64;
  static final int INTERNAL = 72;

  static final int ASKS_WRITABLE = 0x1;
  static final int ASKS_FORMAT = 0x4;
  static final int ASKS_SHAPE = 0x8;
  static final int ASKS_STRIDES = 0x10;

  /** {@code PyBUF_RECORDS_RO}: shape, strides and format, whether writable or not. */
  private static final int RECORDS_RO = ASKS_FORMAT | ASKS_SHAPE | ASKS_STRIDES;

  private BufferApi() {}

  /** Whether the object has the buffer protocol. */
  public static boolean isBuffer(long object) {
    return (int) Shapes.quick(CHECK, object) != 0;
  }

  /**
   * Fills a {@code Py_buffer}, which keeps the object alive until it is released; -1 on failure.
   */
  public static int get(long object, long view, boolean writable) {
    return (int) Shapes.call(GET, object, view, writable ? RECORDS_RO | ASKS_WRITABLE : RECORDS_RO);
  }

  /** Whether the flags of a request ask for memory that can be written to. */
  public static boolean asksWritable(int flags) {
    return (flags & ASKS_WRITABLE) != 0;
  }

  /** Answers a request with what another object gives; -1 on failure. */
  public static int pass(long object, long view, int flags) {
    return (int) Shapes.call(GET, object, view, flags);
  }

  /** Answers a request with nothing, as the exception that has been set says. */
  public static int refuse(long view) {
    Memory.putLong(view + OBJ, 0);
    return -1;
  }

  /** Ends a view; may run Python code. */
  public static void release(long view) {
    Shapes.call(RELEASE, view);
  }

  /** Whether the items stand one after another, the last index running fastest. */
  public static boolean isContiguous(long view) {
    return (int) Shapes.quick(IS_CONTIGUOUS, view, 'C') != 0;
  }

  /** Copies all items, one after another, to native memory of {@link #size}. */
  public static int copy(long view, long to) {
    return (int) Shapes.call(TO_CONTIGUOUS, to, view, size(view), 'C');
  }

  /** The address of the first item, by index. */
  public static long address(long view) {
    return Memory.getLong(view + BUF);
  }

  /** The bytes of all items together. */
  public static long size(long view) {
    return Memory.getLong(view + LEN);
  }

  public static long itemSize(long view) {
    return Memory.getLong(view + ITEM_SIZE);
  }

  public static boolean isReadOnly(long view) {
    return Memory.getInt(view + READ_ONLY) != 0;
  }

  /** One item's type, as the struct module writes it. */
  public static String format(long view) {
    long format = Memory.getLong(view + FORMAT);
    return format == 0 ? "B" : Memory.string(format);
  }

  public static long[] shape(long view) {
    return numbers(view, SHAPE);
  }

  /** How many bytes lie between one item and the next, for each dimension; may be negative. */
  public static long[] strides(long view) {
    return numbers(view, STRIDES);
  }

  private static long[] numbers(long view, int field) {
    long[] numbers = new long[Memory.getInt(view + DIMENSIONS)];
    long address = Memory.getLong(view + field);
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Memory.getLong(address + 8L * i);
    }
    return numbers;
  }
}
