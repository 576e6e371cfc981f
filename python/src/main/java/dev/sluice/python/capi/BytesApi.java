package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;

/** Python's bytes (bytesobject.h); every method needs an attached thread. */
public final class BytesApi {
  private static final MemorySegment FROM_STRING = Libpython.symbol("PyBytes_FromStringAndSize");

  public static final long TYPE = Libpython.address("PyBytes_Type");
  public static final long ARRAY_TYPE = Libpython.address("PyByteArray_Type");

  private BytesApi() {}

  /** New bytes copied from native memory, or uninitialised ones if the address is null. */
  public static long create(long address, long length) {
    return Shapes.quick(FROM_STRING, address, length);
  }

  /** The number of bytes, read from the object itself ({@link Abi} has checked where). */
  public static long size(long bytes) {
    return Memory.getLong(bytes + Abi.SIZE);
  }

  /** The address of the first byte, valid as long as the object. */
  public static long data(long bytes) {
    return bytes + Abi.BYTES_DATA;
  }

  public static byte[] toArray(long bytes) {
    return Memory.bytes(data(bytes), Math.toIntExact(size(bytes)));
  }

  public static long fromArray(byte[] array) {
    long bytes = create(0, array.length);
    if (bytes != 0 && array.length > 0) {
      Memory.copy(array, 0, array.length, data(bytes));
    }
    return bytes;
  }
}
