package dev.sluice.python;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.channels.Pipe;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** What Python shares memory with. */
public final class Borrowing {
  static @Nullable ByteBuffer kept;
  static @Nullable MemorySegment keptSegment;
  static CompletableFuture<Throwable> racing = new CompletableFuture<>();
  static CompletableFuture<Integer> reading = new CompletableFuture<>();

  private final int size;

  public Borrowing(@Nullable ByteBuffer buffer) {
    size = buffer == null ? -1 : buffer.remaining();
  }

  public int size() {
    return size;
  }

  public static int sum(ByteBuffer buffer) {
    int sum = 0;
    while (buffer.hasRemaining()) {
      sum += buffer.get();
    }
    return sum;
  }

  public static void fill(int value, ByteBuffer buffer, int times) {
    for (int i = 0; i < times; i++) {
      buffer.put((byte) value);
    }
  }

  public static int elsewhere(ByteBuffer buffer) {
    return CompletableFuture.supplyAsync(() -> sum(buffer)).join();
  }

  public static int keep(@Nullable ByteBuffer buffer) {
    kept = buffer;
    return buffer == null ? -1 : buffer.getInt(0);
  }

  public static void keepSegment(MemorySegment segment, boolean fails) {
    keptSegment = segment;
    segment.set(ValueLayout.JAVA_BYTE, 0, (byte) 'S');
    if (fails) {
      throw new IllegalStateException("on purpose");
    }
  }

  /** Goes on writing on another thread, which gives what stopped it. */
  public static void race(ByteBuffer buffer) {
    CompletableFuture<Throwable> stopped = new CompletableFuture<>();
    CountDownLatch begun = new CountDownLatch(1);
    Thread.ofPlatform()
        .start(() -> {
          try {
            while (true) {
              buffer.put(0, (byte) 1);
              begun.countDown();
            }
          } catch (Throwable t) {
            stopped.complete(t);
          }
        });
    try {
      begun.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    racing = stopped;
  }

  /** Begins to read from the pipe on another thread, and does not wait for it. */
  public static void read(Pipe pipe, ByteBuffer buffer) {
    reading = new CompletableFuture<>();
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              try {
                reading.complete(pipe.source().read(buffer));
              } catch (Throwable t) {
                reading.completeExceptionally(t);
              }
            });
    // It is in native code then, or shortly before.
    while (Arrays.stream(reader.getStackTrace())
        .noneMatch(frame -> frame.getMethodName().equals("readIntoNativeBuffer"))) {
      Thread.onSpinWait();
    }
  }

  public static MemorySegment same(MemorySegment segment) {
    return segment;
  }

  public static void two(ByteBuffer first, ByteBuffer second) {
    second.put(first);
  }

  public static String chosen(byte[] bytes) {
    return "copied";
  }

  public static String chosen(ByteBuffer bytes) {
    return bytes.isReadOnly() ? "read-only" : "lent";
  }

  public static String chosen(Object any) {
    return "object";
  }

  public static ByteBuffer direct(int size) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(size);
    kept = buffer;
    return buffer;
  }

  public static DoubleBuffer doubles() {
    return ByteBuffer.allocateDirect(24)
        .order(ByteOrder.nativeOrder())
        .asDoubleBuffer()
        .position(1);
  }

  public static DoubleBuffer otherOrder() {
    return ByteBuffer.allocateDirect(24).asDoubleBuffer();
  }

  public static ByteBuffer readOnly() {
    return ByteBuffer.allocateDirect(2).asReadOnlyBuffer();
  }

  public static ByteBuffer heap() {
    return ByteBuffer.wrap(new byte[] {1, 2, 3}, 1, 2);
  }

  public static int[] ints() {
    return new int[] {1, -2, 3};
  }

  public static boolean[] truths() {
    return new boolean[2];
  }

  public static MemorySegment segment() {
    return Arena.ofAuto().allocate(4);
  }

  public static MemorySegment closable() {
    try (Arena arena = Arena.ofShared()) {
      return arena.allocate(4);
    }
  }
}
