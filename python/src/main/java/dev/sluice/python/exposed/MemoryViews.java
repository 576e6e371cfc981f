package dev.sluice.python.exposed;

import dev.sluice.python.Attached;
import dev.sluice.python.capi.BufferApi;
import dev.sluice.python.capi.BufferType;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ExportedMemory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.Pool;
import dev.sluice.python.capi.UnicodeApi;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.Buffer;

/**
 * The buffer protocol of Java's buffers, segments and arrays of primitives, for {@code
 * memoryview(object)}; on whatever thread CPython asks, with the GIL.
 *
 * <p>Each view is given by an object of its own, which keeps the memory: so nothing has to be done
 * when the view is released.
 */
final class MemoryViews {
  private final JavaObjects objects;
  private final Crossing crossing;
  private final long base;

  MemoryViews(JavaObjects objects, Crossing crossing, Pool pool) {
    this.objects = objects;
    this.crossing = crossing;
    try {
      this.base =
          BufferType.createBase(
              pool,
              "sluice.java.Memory",
              MethodHandles.lookup()
                  .bind(
                      this,
                      "getBuffer",
                      MethodType.methodType(long.class, long.class, long.class, long.class)));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("MemoryViews.getBuffer", e);
    }
    if (base == 0) {
      throw crossing.raised();
    }
  }

  /** The Python type above those whose objects have memory; borrowed. */
  long base() {
    return base;
  }

  /** Gives the type back. */
  void release() {
    ObjectApi.decRef(base);
  }

  /** Whether the class is the uppermost of those whose objects have memory. */
  static boolean has(Class<?> type) {
    return type == Buffer.class
        || ExportedMemory.isSegment(type)
        || (type.isArray() && type.getComponentType().isPrimitive() && type != boolean[].class);
  }

  // Called by CPython only: an exception that left it would end the JVM, so that all are caught.
  @SuppressWarnings("unused")
  private long getBuffer(long object, long view, long flags) {
    try {
      Attached entered = crossing.enter();
      try {
        return give(object, view, (int) flags);
      } finally {
        crossing.leave(entered);
      }
    } catch (Throwable t) {
      return refuse(view, t);
    }
  }

  private int give(long object, long view, int flags) {
    Object java = objects.toJava(object);
    if (java == null) {
      throw PythonRaise.type("this %s has no Java object".formatted(UnicodeApi.typeName(object)));
    }
    long shared;
    try {
      shared = crossing.share(java, BufferApi.asksWritable(flags));
    } catch (IllegalArgumentException e) {
      throw new PythonRaise(ErrorApi.Types.BUFFER_ERROR, e.getMessage());
    }
    try {
      return BufferApi.pass(shared, view, flags);
    } finally {
      ObjectApi.decRef(shared);
    }
  }

  private long refuse(long view, Throwable why) {
    try {
      BufferApi.refuse(view);
      objects.fail(why);
    } catch (Throwable ignored) {
      // Nothing more can be done here; CPython reports -1 without an exception as SystemError.
    }
    return -1;
  }
}
