package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;

/** Objects in general (object.h, abstract.h); every method needs an attached thread. */
public final class ObjectApi {
  private static final MemorySegment INC_REF = Libpython.symbol("Py_IncRef");
  private static final MemorySegment DEC_REF = Libpython.symbol("Py_DecRef");
  private static final MemorySegment VECTORCALL = Libpython.symbol("PyObject_Vectorcall");
  private static final MemorySegment CALL = Libpython.symbol("PyObject_Call");
  private static final MemorySegment CALL_NO_ARGS = Libpython.symbol("PyObject_CallNoArgs");
  private static final MemorySegment GET_ATTR = Libpython.symbol("PyObject_GetAttr");
  private static final MemorySegment SET_ATTR = Libpython.symbol("PyObject_SetAttr");
  private static final MemorySegment GET_ITEM = Libpython.symbol("PyObject_GetItem");
  private static final MemorySegment SET_ITEM = Libpython.symbol("PyObject_SetItem");
  private static final MemorySegment DEL_ITEM = Libpython.symbol("PyObject_DelItem");
  private static final MemorySegment LENGTH = Libpython.symbol("PyObject_Size");
  private static final MemorySegment CONTAINS = Libpython.symbol("PySequence_Contains");
  private static final MemorySegment HASH = Libpython.symbol("PyObject_Hash");
  private static final MemorySegment COMPARE = Libpython.symbol("PyObject_RichCompare");
  private static final MemorySegment IS_INSTANCE = Libpython.symbol("PyObject_IsInstance");
  private static final MemorySegment CALL_METHOD = Libpython.symbol("PyObject_VectorcallMethod");
  private static final MemorySegment NEW_WEAK = Libpython.symbol("PyWeakref_NewRef");
  private static final MemorySegment GET_ITER = Libpython.symbol("PyObject_GetIter");
  private static final MemorySegment ITER_NEXT = Libpython.symbol("PyIter_Next");
  private static final MemorySegment STR = Libpython.symbol("PyObject_Str");
  private static final MemorySegment REPR = Libpython.symbol("PyObject_Repr");
  private static final MemorySegment IS_TRUE = Libpython.symbol("PyObject_IsTrue");
  private static final MemorySegment IS_SUBTYPE = Libpython.symbol("PyType_IsSubtype");
  private static final MemorySegment CALLABLE_CHECK = Libpython.symbol("PyCallable_Check");

  /** {@code PY_VECTORCALL_ARGUMENTS_OFFSET}: the callee may use the slot before the arguments. */
  public static final long ARGUMENTS_OFFSET = 1L << 63;

  public static final long NONE = Libpython.address("_Py_NoneStruct");
  public static final long TRUE = Libpython.address("_Py_TrueStruct");
  public static final long FALSE = Libpython.address("_Py_FalseStruct");
  public static final long NOT_IMPLEMENTED = Libpython.address("_Py_NotImplementedStruct");

  private ObjectApi() {}

  public static void incRef(long object) {
    Shapes.quick(INC_REF, object);
  }

  /** Gives a reference back; may run Python code (finalisers). Null is allowed. */
  public static void decRef(long object) {
    if (object == 0) {
      return;
    }
    // Only the last reference's end can run code.
    if (refCount(object) == 1) {
      Shapes.call(DEC_REF, object);
    } else {
      Shapes.quick(DEC_REF, object);
    }
  }

  /**
   * Gives a reference back to an object that is known to be a str, bytes or int, or to have another
   * reference: nothing of Python can run.
   */
  public static void decRefQuick(long object) {
    Shapes.quick(DEC_REF, object);
  }

  /** The reference count, as {@code Py_REFCNT}; meaningful for mortal objects only. */
  public static int refCount(long object) {
    return Memory.getInt(object);
  }

  /** The exact type of the object, as {@code Py_TYPE}; borrowed. */
  public static long type(long object) {
    return Memory.getLong(object + 8);
  }

  public static long vectorcall(long callable, long arguments, long count, long keywordNames) {
    return Shapes.call(VECTORCALL, callable, arguments, count, keywordNames);
  }

  public static long call(long callable, long arguments, long keywords) {
    return Shapes.call(CALL, callable, arguments, keywords);
  }

  public static long callNoArgs(long callable) {
    return Shapes.call(CALL_NO_ARGS, callable);
  }

  public static long getAttr(long object, long name) {
    return Shapes.call(GET_ATTR, object, name);
  }

  /** Sets an attribute, or deletes it if the value is null; -1 on failure. */
  public static int setAttr(long object, long name, long value) {
    return (int) Shapes.call(SET_ATTR, object, name, value);
  }

  public static long getItem(long object, long key) {
    return Shapes.call(GET_ITEM, object, key);
  }

  public static int setItem(long object, long key, long value) {
    return (int) Shapes.call(SET_ITEM, object, key, value);
  }

  public static int removeItem(long object, long key) {
    return (int) Shapes.call(DEL_ITEM, object, key);
  }

  /** {@code len()}; -1 on failure. */
  public static long length(long object) {
    return Shapes.call(LENGTH, object);
  }

  /** {@code item in object}: 1 or 0; -1 on failure. */
  public static int contains(long object, long item) {
    return (int) Shapes.call(CONTAINS, object, item);
  }

  /** {@code hash()}; -1 on failure. */
  public static long hash(long object) {
    return Shapes.call(HASH, object);
  }

  /** The result of a comparison, by {@code Py_LT} (0), LE, EQ, NE, GT or {@code Py_GE} (5). */
  public static long compare(long left, long right, int operator) {
    return Shapes.call(COMPARE, left, right, operator);
  }

  /** {@code isinstance()}: 1 or 0; -1 on failure. */
  public static int isInstance(long object, long type) {
    return (int) Shapes.call(IS_INSTANCE, object, type);
  }

  /** Calls a method; {@code arguments} begin with the object itself, and it counts. */
  public static long callMethod(long name, long arguments, long count, long keywordNames) {
    return Shapes.call(CALL_METHOD, name, arguments, count, keywordNames);
  }

  /** A new weak reference, which is called to get the object or None. */
  public static long newWeak(long object) {
    return Shapes.call(NEW_WEAK, object, 0);
  }

  /** The name of the object's type, for messages: without its module. */
  public static String typeName(long object) {
    String name = Memory.string(Memory.getLong(type(object) + Abi.TYPE_NAME));
    return name.substring(name.lastIndexOf('.') + 1);
  }

  public static long getIter(long object) {
    return Shapes.call(GET_ITER, object);
  }

  /** The next item, or null at the end and on failure (which {@link ErrorApi} tells apart). */
  public static long next(long iterator) {
    return Shapes.call(ITER_NEXT, iterator);
  }

  public static long str(long object) {
    return Shapes.call(STR, object);
  }

  public static long repr(long object) {
    return Shapes.call(REPR, object);
  }

  public static int isTrue(long object) {
    return (int) Shapes.call(IS_TRUE, object);
  }

  /**
   * Whether the object really is of the type or a subtype, so that its memory is laid out so;
   * unlike {@code isinstance()}, which believes what an object says of itself.
   */
  public static boolean is(long object, long type) {
    long actual = type(object);
    return actual == type || (int) Shapes.quick(IS_SUBTYPE, actual, type) != 0;
  }

  public static boolean isCallable(long object) {
    return (int) Shapes.quick(CALLABLE_CHECK, object) != 0;
  }
}
