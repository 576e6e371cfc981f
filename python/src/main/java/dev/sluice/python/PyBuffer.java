package dev.sluice.python;

import dev.sluice.python.capi.BufferApi;
import dev.sluice.python.capi.Lease;
import dev.sluice.python.capi.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A Python object's own memory (bytes, bytearray, memoryview, a numpy array), seen by Java without
 * a copy. Made on an attached thread; used and closed on any, attached or not.
 *
 * <p>Python keeps the memory, and refuses to resize the object, until {@link #close} or the end of
 * the interpreter. After that every use throws IllegalStateException, also of segments and buffers
 * that were taken before. A view that nobody closes ends when the collector has found all of them.
 * While one thread reads, others may write, in Java and in Python: what they see of each other is
 * theirs to order.
 */
public final class PyBuffer implements AutoCloseable {
  private final View view;
  private final Lease lease;
  private final String format;
  private final long itemSize;
  private final long[] shape;
  private final long[] strides;
  private final boolean contiguous;

  /** Where the first item, by index, lies in the segment: not at 0 if a stride is negative. */
  private final long start;

  /** The Py_buffer, released when every segment of it is gone. */
  private static final class View extends References.Counted {
    private final Memory.Block block;

    /** Weak, for this must not keep what tells it that nobody reads any more. */
    private final WeakReference<Lease> lease;

    View(References references, Lease lease, Memory.Block block) {
      super(references, lease.lifetime(), block.address());
      this.block = block;
      this.lease = new WeakReference<>(lease);
    }

    @Override
    boolean endsEarly() {
      return false; // segments that Java has would show memory that Python has taken back
    }

    @Override
    void release() {
      try {
        BufferApi.release(address);
      } finally {
        // CPython reads and writes the memory until the call returns, and may run Python code.
        Reference.reachabilityFence(block);
      }
    }

    @Override
    boolean withdraw() {
      Lease open = lease.get();
      try {
        if (open != null) {
          open.close();
        }
        return true;
      } catch (IllegalStateException inUse) {
        return false; // never released, so that the memory stays
      }
    }
  }

  private PyBuffer(Interpreter interpreter, Memory.Block block) {
    long raw = block.address();
    format = BufferApi.format(raw);
    itemSize = BufferApi.itemSize(raw);
    shape = BufferApi.shape(raw);
    strides = BufferApi.strides(raw);
    contiguous = BufferApi.isContiguous(raw);
    long lowest = 0;
    long highest = itemSize;
    for (int i = 0; i < shape.length; i++) {
      long reach = (shape[i] - 1) * strides[i];
      lowest += Math.min(reach, 0);
      highest += Math.max(reach, 0);
    }
    boolean empty = BufferApi.size(raw) == 0;
    start = empty ? 0 : -lowest;
    lease =
        new Lease(
            BufferApi.address(raw) - start,
            empty ? 0 : highest - lowest,
            BufferApi.isReadOnly(raw));
    view = interpreter.references().keep(new View(interpreter.references(), lease, block));
  }

  static PyBuffer of(PyObject object, boolean writable) {
    Memory.Block block = Memory.allocate(BufferApi.VIEW_SIZE);
    long address = object.hold();
    try {
      if (BufferApi.get(address, block.address(), writable) < 0) {
        throw PythonException.take(object.interpreter());
      }
    } finally {
      Calls.done(object.interpreter(), address);
    }
    return new PyBuffer(object.interpreter(), block);
  }

  /**
   * The memory, from its lowest byte to its highest; {@link #offset} says where an item lies.
   * Read-only if Python says so.
   */
  public MemorySegment segment() {
    return lease.segment();
  }

  /** Where the item of the indices begins in the segment. */
  public long offset(long... indices) {
    check();
    if (indices.length != shape.length) {
      throw new IllegalArgumentException(
          "%d indices for a buffer of %d dimensions".formatted(indices.length, shape.length));
    }
    long offset = start;
    for (int i = 0; i < indices.length; i++) {
      offset += Objects.checkIndex(indices[i], shape[i]) * strides[i];
    }
    return offset;
  }

  /**
   * The items one after another, in the processor's byte order.
   *
   * @throws UnsupportedOperationException if there are gaps between them, or another order
   */
  public ByteBuffer byteBuffer() {
    check();
    if (!contiguous) {
      throw new UnsupportedOperationException(
          "the items of this buffer do not lie one after another: use segment() and offset()");
    }
    return lease.segment().asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /** One item's type, as Python's struct module writes it. */
  public String format() {
    check();
    return format;
  }

  /** The bytes of one item. */
  public long itemSize() {
    check();
    return itemSize;
  }

  /** The number of items in each dimension. */
  public long[] shape() {
    check();
    return shape.clone();
  }

  /** The bytes from one item to the next, in each dimension. */
  public long[] strides() {
    check();
    return strides.clone();
  }

  /** Whether the items lie one after another, the last index running fastest. */
  public boolean isContiguous() {
    check();
    return contiguous;
  }

  /** Whether the memory is not to be written to, as that of bytes. */
  public boolean isReadOnly() {
    return lease.segment().isReadOnly();
  }

  private void check() {
    lease.segment();
  }

  /**
   * Ends the view, from any thread; on one that is not attached, Python hears of it later.
   *
   * @throws IllegalStateException if a call is using the memory at this moment
   */
  @Override
  public void close() {
    // In this order: nobody in Java may reach memory that Python has taken back.
    lease.close();
    view.giveBack();
  }
}
