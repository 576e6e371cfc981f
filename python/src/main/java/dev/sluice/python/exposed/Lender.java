package dev.sluice.python.exposed;

import dev.sluice.python.PyBuffer;
import dev.sluice.python.capi.BufferApi;
import dev.sluice.python.capi.ExportedMemory;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory of Python's objects for parameters that are a ByteBuffer or a MemorySegment: lent for
 * the time of the call, on the thread of the call, with the GIL.
 *
 * <p>Afterwards every use is an IllegalStateException, on whatever thread. Ending a loan costs a
 * handshake with all threads.
 */
final class Lender {
  private final JavaObjects objects;
  private final Crossing crossing;

  Lender(JavaObjects objects, Crossing crossing) {
    this.objects = objects;
    this.crossing = crossing;
  }

  /** What one call has been lent. */
  static final class Loans {
    private final List<PyBuffer> open = new ArrayList<>(1);
  }

  /** Whether a parameter of the type is lent memory. */
  static boolean isLent(Type type) {
    Class<?> raw = Generics.raw(type);
    return raw == ByteBuffer.class || ExportedMemory.isSegment(raw);
  }

  @SuppressWarnings("unused") // found by its name
  Loans begin() {
    return new Loans();
  }

  /** One argument. */
  @SuppressWarnings("unused") // found by its name
  @Nullable Object lent(Class<?> type, int position, Loans loans, long arguments) {
    long object = Memory.getLong(arguments + 8L * position);
    if (object == ObjectApi.NONE) {
      return null;
    }
    Object java = objects.toJava(object);
    if (type.isInstance(java)) {
      return java;
    }
    if (!BufferApi.isBuffer(object)) {
      throw Arguments.refused(position, object, type);
    }
    PyBuffer buffer = crossing.buffer(object);
    loans.open.add(buffer);
    if (!buffer.isContiguous()) {
      throw Refused.type(
          position, "its items do not lie one after another in memory; bytes() makes a copy");
    }
    // As every buffer that Java code makes, in Java's byte order.
    return type == ByteBuffer.class
        ? buffer.byteBuffer().order(ByteOrder.BIG_ENDIAN)
        : buffer.segment();
  }

  @SuppressWarnings("unused") // found by its name
  void end(Loans loans) {
    for (PyBuffer buffer : loans.open) {
      try {
        buffer.close();
      } catch (IllegalStateException inUse) {
        // Input or output that another thread has begun with it: the collector ends it after that.
      }
    }
  }
}
