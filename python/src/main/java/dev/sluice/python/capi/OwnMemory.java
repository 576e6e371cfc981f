package dev.sluice.python.capi;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * This process's memory, read through the system: what is not there, or is not there any more, is
 * an answer and no crash. For one thread at a time, which needs nothing of Python's; each reading
 * is a system call.
 */
final class OwnMemory implements AutoCloseable {
  private final RandomAccessFile memory;

  private OwnMemory(RandomAccessFile memory) {
    this.memory = memory;
  }

  /** Opens it; null where the system does not show it. */
  static @Nullable OwnMemory open() {
    try {
      return new OwnMemory(new RandomAccessFile("/proc/self/mem", "r"));
    } catch (IOException notHere) {
      return null;
    }
  }

  /** So many bytes from there on, as one number after the other; null if not all are there. */
  @Nullable ByteBuffer read(long address, int length) {
    if (address <= 0) {
      return null;
    }
    byte[] bytes = new byte[length];
    try {
      memory.seek(address);
      memory.readFully(bytes);
    } catch (IOException notThere) {
      return null;
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }

  /** The eight bytes there; 0 if they are not there. */
  long word(long address) {
    ByteBuffer bytes = read(address, Long.BYTES);
    return bytes == null ? 0 : bytes.getLong();
  }

  @Override
  public void close() {
    try {
      memory.close();
    } catch (IOException e) {
      throw new IllegalStateException("closing a file of the system failed", e);
    }
  }
}
