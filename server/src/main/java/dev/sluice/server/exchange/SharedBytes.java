package dev.sluice.server.exchange;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that nobody changes any more, for any number of responses at once; any thread. They are in
 * the heap, or in a file that lives in memory.
 *
 * <p>From a file connections send them as they are: the system takes its pages, and nothing is
 * copied on the way to the socket. Such a file takes a descriptor and memory that the collector
 * knows nothing of, so it is closed as soon as nobody holds it. Whoever makes the bytes holds them;
 * everybody else does so from {@link #hold} to {@link #release}.
 */
public final class SharedBytes {
  private final @Nullable ByteBuffer heap;
  private final @Nullable FileChannel file;
  private final int size;
  private final Runnable freed;
  private final AtomicInteger holders = new AtomicInteger(1);

  private SharedBytes(
      @Nullable ByteBuffer heap, @Nullable FileChannel file, int size, Runnable freed) {
    this.heap = heap;
    this.file = file;
    this.size = size;
    this.freed = freed;
  }

  /** An array, which belongs to the result from now on; it need not be released. */
  public static SharedBytes of(byte[] bytes) {
    ByteBuffer heap = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    return new SharedBytes(heap, null, bytes.length, () -> {});
  }

  /**
   * A whole file in memory, held by the caller.
   *
   * @param file open for reading; belongs to the result from now on, and is never written again:
   *     the system may send its pages long after it was told to
   * @param freed is called, by any thread, when the file has been closed
   */
  public static SharedBytes of(FileChannel file, int size, Runnable freed) {
    return new SharedBytes(null, file, size, freed);
  }

  public int size() {
    return size;
  }

  /** The file that has them from its beginning on, if there is one; only while they are held. */
  public @Nullable FileChannel file() {
    return file;
  }

  /** Keeps them from going; false if they are gone. */
  public boolean hold() {
    for (int now = holders.get(); now > 0; now = holders.get()) {
      if (holders.compareAndSet(now, now + 1)) {
        return true;
      }
    }
    return heap != null;
  }

  /** Ends a hold. Whoever ends the last one closes the file, which takes microseconds. */
  public void release() {
    if (holders.decrementAndGet() == 0 && file != null) {
      try {
        file.close();
      } catch (IOException e) {
        // It was only read.
      }
      freed.run();
    }
  }

  /**
   * Fills a buffer; only while they are held.
   *
   * @throws UncheckedIOException if the system does not give them
   */
  public void copyTo(int position, ByteBuffer target) {
    if (heap != null) {
      target.put(heap.duplicate().slice(position, target.remaining()));
      return;
    }
    try {
      int at = position;
      while (file != null && target.hasRemaining()) {
        int read = file.read(target, at);
        if (read < 0) {
          throw new EOFException("bytes in memory have become fewer");
        }
        at += read;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Some of them in a buffer that is only read; a copy unless they are in the heap. */
  public ByteBuffer part(int position, int length) {
    if (heap != null) {
      return heap.duplicate().slice(position, length);
    }
    ByteBuffer copy = ByteBuffer.allocate(length);
    copyTo(position, copy);
    return copy.flip();
  }
}
