package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The Python type of {@link ExportedMemory}: an object with the buffer protocol and nothing else,
 * whose slots are Java. They run on whatever thread CPython calls them on, which holds the GIL.
 *
 * <p>The object holds a number, never an address of Java's; each interpreter has a type of its own.
 */
public final class BufferType {
  private static final MemorySegment FROM_SPEC = Libpython.symbol("PyType_FromSpec");
  private static final MemorySegment ALLOCATE = Libpython.symbol("PyType_GenericAlloc");
  private static final MemorySegment FREE = Libpython.symbol("PyObject_Free");

  /** Where the object holds its number. */
  private static final int NUMBER = 16;

  private static final int OBJECT_SIZE = 24;

  /** {@code Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE}. */
  private static final int FLAGS = 1 << 7 | 1 << 8;

  /** {@code Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_BASETYPE}. */
  private static final int BASE_TYPE = 1 << 7 | 1 << 10;

  // The numbers of typeslots.h, part of the stable ABI.
  private static final int GET_BUFFER = 1;
  private static final int RELEASE_BUFFER = 2;
  private static final int DEALLOC = 52;
  private static final int DOC = 56;

  private static final ConcurrentMap<Long, ExportedMemory> MEMORY = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBERS = new AtomicLong();

  private BufferType() {}

  /** The definition, from which each interpreter makes its type; lives for ever. */
  private static final class Spec {
    static final long ADDRESS = make();

    private static long make() {
      long slots = Memory.allocateForEver(5 * 16);
      slot(slots, GET_BUFFER, stub("getBuffer", true, JAVA_LONG, JAVA_LONG, JAVA_INT));
      slot(slots + 16, RELEASE_BUFFER, stub("releaseBuffer", false, JAVA_LONG, JAVA_LONG));
      slot(slots + 32, DEALLOC, stub("dealloc", false, JAVA_LONG));
      slot(slots + 48, DOC, Memory.stringForEver("Memory of Java's; see memoryview()."));
      long spec = Memory.allocateForEver(32);
      Memory.putLong(spec, Memory.stringForEver("sluice.JavaMemory"));
      Memory.putInt(spec + 8, OBJECT_SIZE);
      Memory.putInt(spec + 16, FLAGS);
      Memory.putLong(spec + 24, slots);
      return spec;
    }

    private static void slot(long address, int slot, long value) {
      Memory.putInt(address, slot);
      Memory.putLong(address + 8, value);
    }

    private static long stub(
        String name, boolean answers, java.lang.foreign.MemoryLayout... arguments) {
      FunctionDescriptor descriptor =
          answers
              ? FunctionDescriptor.of(JAVA_INT, arguments)
              : FunctionDescriptor.ofVoid(arguments);
      try {
        MethodHandle handle =
            MethodHandles.lookup().findStatic(BufferType.class, name, descriptor.toMethodType());
        return Linker.nativeLinker().upcallStub(handle, descriptor, Arena.global()).address();
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("BufferType." + name, e);
      }
    }
  }

  /** A new type for the calling thread's interpreter; null on failure. */
  public static long create() {
    return Shapes.call(FROM_SPEC, Spec.ADDRESS);
  }

  /**
   * A new type without objects of its own, whose subtypes have the buffer protocol.
   *
   * @param getBuffer {@code (long object, long view, long flags) -> long}, which must throw nothing
   */
  public static long createBase(Pool pool, String name, MethodHandle getBuffer) {
    long slots = pool.allocate(2 * 16);
    Spec.slot(slots, GET_BUFFER, pool.stub(getBuffer));
    long spec = pool.allocate(32);
    Memory.putLong(spec, pool.string(name));
    Memory.putInt(spec + 8, NUMBER); // no more than every object has
    Memory.putInt(spec + 16, BASE_TYPE);
    Memory.putLong(spec + 24, slots);
    return Shapes.call(FROM_SPEC, spec);
  }

  /** A new object of such a type, which keeps the memory alive; null on failure. */
  public static long newObject(long type, ExportedMemory memory) {
    long object = Shapes.call(ALLOCATE, type, 0);
    if (object != 0) {
      long number = NUMBERS.incrementAndGet();
      Memory.putLong(object + NUMBER, number);
      MEMORY.put(number, memory);
    }
    return object;
  }

  /** How many objects there are. */
  public static int count() {
    return MEMORY.size();
  }

  // Called by CPython only: an exception that left one would end the JVM, so that all are caught.
  @SuppressWarnings("unused")
  private static int getBuffer(long object, long view, int flags) {
    try {
      Memory.putLong(view + BufferApi.OBJ, 0);
      ExportedMemory memory = MEMORY.get(Memory.getLong(object + NUMBER));
      boolean writable = (flags & BufferApi.ASKS_WRITABLE) != 0;
      if (memory != null && memory.readOnly && writable) {
        return refuse("this memory of Java's is read-only");
      }
      if (memory == null || !memory.open()) {
        return refuse("this memory was released by Java");
      }
      fill(object, memory, view, flags);
      return 0;
    } catch (Throwable t) {
      return refuse("Java raised " + t);
    }
  }

  private static void fill(long object, ExportedMemory memory, long view, int flags) {
    boolean shaped = (flags & BufferApi.ASKS_SHAPE) != 0;
    boolean strided = (flags & BufferApi.ASKS_STRIDES) != 0;
    boolean formatted = (flags & BufferApi.ASKS_FORMAT) != 0;
    ObjectApi.incRef(object);
    Memory.putLong(view + BufferApi.OBJ, object);
    Memory.putLong(view + BufferApi.BUF, memory.memory.address());
    Memory.putLong(view + BufferApi.LEN, memory.memory.byteSize());
    Memory.putLong(view + BufferApi.ITEM_SIZE, memory.itemSize);
    Memory.putInt(view + BufferApi.READ_ONLY, memory.readOnly ? 1 : 0);
    Memory.putInt(view + BufferApi.DIMENSIONS, memory.dimensions);
    Memory.putLong(view + BufferApi.FORMAT, formatted ? memory.format() : 0);
    Memory.putLong(view + BufferApi.SHAPE, shaped ? memory.shape() : 0);
    Memory.putLong(view + BufferApi.STRIDES, strided ? memory.strides() : 0);
    Memory.putLong(view + BufferApi.SUBOFFSETS, 0);
    Memory.putLong(view + BufferApi.INTERNAL, 0);
  }

  private static int refuse(String why) {
    try {
      ErrorApi.raise(ErrorApi.Types.BUFFER_ERROR, why);
    } catch (Throwable ignored) {
      // Nothing more can be done here; CPython reports -1 without an exception as SystemError.
    }
    return -1;
  }

  @SuppressWarnings("unused")
  private static void releaseBuffer(long object, long view) {
    try {
      ExportedMemory memory = MEMORY.get(Memory.getLong(object + NUMBER));
      if (memory != null) {
        memory.viewClosed();
      }
    } catch (Throwable ignored) {
      // Nobody can be told; the memory stays as it is.
    }
  }

  @SuppressWarnings("unused")
  private static void dealloc(long object) {
    try {
      MEMORY.remove(Memory.getLong(object + NUMBER));
      long type = ObjectApi.type(object);
      Shapes.call(FREE, object);
      ObjectApi.decRef(type);
    } catch (Throwable ignored) {
      // Nobody can be told; the object's memory is lost.
    }
  }
}
