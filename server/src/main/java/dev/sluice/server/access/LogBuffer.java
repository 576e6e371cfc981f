package dev.sluice.server.access;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where lines wait to be written: filled by the IO threads, emptied by {@code sluice-log}.
 *
 * <p>Two arrays change places: while one is being written the other is filled. The lock is held for
 * copying a line, or for the change. The writer is woken for the first line after a pause, and
 * otherwise only when the array is half full: so waking it costs the IO threads nothing in the long
 * run.
 */
final class LogBuffer {
  private static final int FIRST_SIZE = 64 * 1024;

  /** How long lines wait for others, so that they are written together. */
  private static final long GATHER_MILLIS = 100;

  private final int limit;
  private byte[] filling;
  private byte[] emptying;
  private int length;
  private long dropped;
  private boolean idle;
  private boolean gathering;
  private boolean closed;

  /**
   * Makes a buffer.
   *
   * @param limit how many bytes may wait; as many again may be on their way to the file
   */
  LogBuffer(int limit) {
    this.limit = limit;
    filling = new byte[Math.min(limit, FIRST_SIZE)];
    emptying = new byte[filling.length];
  }

  /** What is to be written: the first bytes of an array, the writer's until it asks again. */
  static final class Batch {
    final byte[] array;
    final int length;
    final long dropped;

    Batch(byte[] array, int length, long dropped) {
      this.array = array;
      this.length = length;
      this.dropped = dropped;
    }
  }

  /** Adds a line, or drops and counts it where there is no room. */
  synchronized boolean offer(byte[] line, int size) {
    if (closed) {
      return false;
    }
    if (size > limit - length) {
      dropped++;
      return false;
    }
    if (size > filling.length - length) {
      int wanted = Math.max(length + size, (int) Math.min(limit, filling.length * 2L));
      filling = Arrays.copyOf(filling, wanted);
    }
    System.arraycopy(line, 0, filling, length, size);
    length += size;
    if (idle) {
      idle = false;
      notifyAll();
    } else if (gathering && length >= limit / 2) {
      gathering = false;
      notifyAll();
    }
    return true;
  }

  /** Waits until there is something to write; null once the buffer is closed and empty. */
  synchronized @Nullable Batch take() throws InterruptedException {
    while (length == 0 && dropped == 0 && !closed) {
      idle = true;
      wait();
    }
    idle = false;
    long end = System.nanoTime() + GATHER_MILLIS * 1_000_000;
    long rest = GATHER_MILLIS;
    gathering = true;
    while (gathering && !closed && length < limit / 2 && rest > 0) {
      wait(rest);
      rest = (end - System.nanoTime()) / 1_000_000;
    }
    gathering = false;
    if (length == 0 && dropped == 0) {
      return null;
    }
    Batch batch = new Batch(filling, length, dropped);
    byte[] free = emptying;
    emptying = filling;
    filling = free;
    length = 0;
    dropped = 0;
    return batch;
  }

  /** Takes no more lines; those that are there are still written. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }
}
