package dev.sluice.server.exchange;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that nobody changes any more, for any number of responses at once; immutable, any thread.
 *
 * <p>Where a file that lives in memory has the same bytes, connections send them from there: the
 * system takes the pages as they are, and nothing is copied on the way to the socket. For that the
 * file may never be written again, nor closed: what is still on its way would be another answer. It
 * goes when the collector finds that nobody has it any more.
 */
public final class SharedBytes {
  private final ByteBuffer bytes;
  private final @Nullable FileChannel file;

  private SharedBytes(ByteBuffer bytes, @Nullable FileChannel file) {
    this.bytes = bytes;
    this.file = file;
  }

  /** An array, which belongs to the result from now on. */
  public static SharedBytes of(byte[] bytes) {
    return new SharedBytes(ByteBuffer.wrap(bytes).asReadOnlyBuffer(), null);
  }

  /**
   * A whole file in memory.
   *
   * @param bytes all of it
   * @param file open for reading; neither written nor closed from now on
   */
  public static SharedBytes of(ByteBuffer bytes, FileChannel file) {
    return new SharedBytes(bytes.asReadOnlyBuffer(), file);
  }

  /** All of them, in a buffer of the caller's own that cannot be written. */
  public ByteBuffer bytes() {
    return bytes.duplicate();
  }

  public int size() {
    return bytes.capacity();
  }

  /** The file that has the same bytes from its beginning on, if there is one. */
  public @Nullable FileChannel file() {
    return file;
  }
}
