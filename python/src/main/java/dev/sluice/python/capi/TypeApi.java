package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Types whose objects hold a number that only Java understands, and methods whose body is Java
 * (object.h, descrobject.h); every method needs an attached thread.
 */
public final class TypeApi {
  private static final MemorySegment FROM_SPEC = Libpython.symbol("PyType_FromSpec");
  private static final MemorySegment IS_SUBTYPE = Libpython.symbol("PyType_IsSubtype");
  private static final MemorySegment GENERIC_ALLOC = Libpython.symbol("PyType_GenericAlloc");
  private static final MemorySegment GET_FLAGS = Libpython.symbol("PyType_GetFlags");
  private static final MemorySegment CLEAR_WEAK = Libpython.symbol("PyObject_ClearWeakRefs");
  private static final MemorySegment FREE = Libpython.symbol("PyObject_Free");
  private static final MemorySegment FREE_COLLECTED = Libpython.symbol("PyObject_GC_Del");
  private static final MemorySegment NEW_METHOD = Libpython.symbol("PyDescr_NewMethod");
  private static final MemorySegment NEW_FUNCTION = Libpython.symbol("PyCMethod_New");

  public static final long TYPE_TYPE = Libpython.address("PyType_Type");

  private static final int HANDLE = 16;
  private static final int WEAK_LIST = 24;
  private static final int BASIC_SIZE = 32;

  /** Of a PyTypeObject: {@code tp_flags}. */
  private static final int TP_FLAGS = 168;

  /** {@code Py_TPFLAGS_IMMUTABLETYPE}. */
  private static final long IMMUTABLE = 1L << 8;

  /** {@code Py_TPFLAGS_HEAPTYPE}. */
  private static final long HEAP_TYPE = 1L << 9;

  private static final int TP_DEALLOC = 52;
  private static final int TP_MEMBERS = 72;
  private static final int DISALLOW_INSTANTIATION = 1 << 7;
  private static final int BASE_TYPE = 1 << 10;
  private static final int HAVE_GC = 1 << 14;
  private static final int MEMBER_SSIZE = 19;
  private static final int MEMBER_READ_ONLY = 1;

  private TypeApi() {}

  /**
   * A new type whose objects hold one number, and may be referred to weakly.
   *
   * @param dealloc {@code (long object) -> void}, which has to end with {@link #free}
   */
  public static long newHandleType(Pool pool, String name, MethodHandle dealloc) {
    long members = pool.allocate(2 * 40);
    Memory.putLong(members, pool.string("__weaklistoffset__"));
    Memory.putInt(members + 8, MEMBER_SSIZE);
    Memory.putLong(members + 16, WEAK_LIST);
    Memory.putInt(members + 24, MEMBER_READ_ONLY);
    long slots = pool.allocate(3 * 16);
    Memory.putInt(slots, TP_DEALLOC);
    Memory.putLong(slots + 8, pool.stub(dealloc));
    Memory.putInt(slots + 16, TP_MEMBERS);
    Memory.putLong(slots + 24, members);
    long spec = pool.allocate(32);
    Memory.putLong(spec, pool.string(name));
    Memory.putInt(spec + 8, BASIC_SIZE);
    Memory.putInt(spec + 12, 0);
    Memory.putInt(spec + 16, BASE_TYPE | DISALLOW_INSTANTIATION);
    Memory.putLong(spec + 24, slots);
    return Shapes.call(FROM_SPEC, spec);
  }

  /** A new object of the handle type or a subtype, with the number 0; null on failure. */
  public static long allocate(long type) {
    return Shapes.call(GENERIC_ALLOC, type, 0);
  }

  /** Whether objects of the type, which is one, are laid out as those of the base. */
  public static boolean isSubtype(long type, long base) {
    return type == base || (int) Shapes.quick(IS_SUBTYPE, type, base) != 0;
  }

  /** The number of an object of the handle type. */
  public static long handle(long object) {
    return Memory.getLong(object + HANDLE);
  }

  public static void setHandle(long object, long handle) {
    Memory.putLong(object + HANDLE, handle);
  }

  /** The end of an object of the handle type, called while it is deallocated. */
  public static void free(long object) {
    if (Memory.getLong(object + WEAK_LIST) != 0) {
      Shapes.call(CLEAR_WEAK, object);
    }
    long type = ObjectApi.type(object);
    boolean collected = (Shapes.quick(GET_FLAGS, type) & HAVE_GC) != 0;
    Shapes.call(collected ? FREE_COLLECTED : FREE, object);
    // Each object of a type made at run time holds a reference to it.
    ObjectApi.decRef(type);
  }

  /** A new method of the type, from a definition of {@link Pool#function}. */
  public static long newMethod(long type, long definition) {
    return Shapes.call(NEW_METHOD, type, definition);
  }

  /** A new function object bound to {@code self} (which may be null). */
  public static long newFunction(long definition, long self) {
    return Shapes.call(NEW_FUNCTION, definition, self, 0, 0);
  }

  /**
   * Sets an attribute of a type of C, also one that Python code cannot change, and with it the slot
   * that CPython calls for an attribute such as {@code __next__}. Given back what was there, the
   * slot is as it was.
   *
   * @return false with an exception set if it cannot be, or the type is one that all interpreters
   *     share
   */
  public static boolean setWithSlot(long type, long name, long value) {
    long flags = Memory.getLong(type + TP_FLAGS);
    if ((int) flags != (int) Shapes.quick(GET_FLAGS, type) || (flags & HEAP_TYPE) == 0) {
      ErrorApi.raise(ErrorApi.Types.TYPE_ERROR, "the type is no type of one interpreter");
      return false;
    }
    // No Python code runs meanwhile but what the former attribute leaves behind.
    Memory.putLong(type + TP_FLAGS, flags & ~IMMUTABLE);
    try {
      return ObjectApi.setAttr(type, name, value) == 0;
    } finally {
      Memory.putLong(
          type + TP_FLAGS, (Memory.getLong(type + TP_FLAGS) & ~IMMUTABLE) | (flags & IMMUTABLE));
    }
  }
}
