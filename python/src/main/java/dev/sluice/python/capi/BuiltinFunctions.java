package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The words of builtin functions and of the methods of C types (methodobject.h, descrobject.h),
 * read and exchanged in place; every method needs an attached thread.
 *
 * <p>All references to a builtin function share one {@code PyCFunctionObject}, which names a {@code
 * PyMethodDef} and the object that the C function gets first. Given a definition whose C function
 * is {@code PyObject_Vectorcall} itself, and any callable as that first object, it calls the
 * callable, whoever holds it, with no code of ours between. What is known of each definition of
 * ours says whether a function is rebound, and what it was.
 *
 * <p>Safe, because the GIL is held from the first word to the last, and whoever is inside a call
 * already holds what that call needs: a frame its function, C code its arguments. The definitions
 * of CPython and of extensions are shared by all interpreters and are only read.
 */
public final class BuiltinFunctions {
  private static final MemorySegment NEW = Libpython.symbol("PyCMethod_New");
  private static final MemorySegment NEW_DESCRIPTOR = Libpython.symbol("PyDescr_NewMethod");
  private static final MemorySegment MODIFIED = Libpython.symbol("PyType_Modified");
  private static final long CALL_FIRST = Libpython.address("PyObject_Vectorcall");
  private static final long FUNCTION_TYPE = Libpython.address("PyCFunction_Type");
  private static final long DESCRIPTOR_TYPE = Libpython.address("PyMethodDescr_Type");

  private static final int METH_NOARGS = 0x04;
  private static final int METH_FASTCALL_KEYWORDS = 0x80 | 0x02;

  /** Of a builtin function: {@code m_ml}, {@code m_self}, {@code m_module}, {@code vectorcall}. */
  private static final int DEFINITION = 16;

  private static final int FIRST = 24;
  private static final int MODULE = 32;
  private static final int VECTORCALL = 48;

  /** Of a method of a C type: {@code d_type}, {@code d_method}, {@code vectorcall}. */
  private static final int OWNER = 16;

  private static final int METHOD = 40;

  /** Both kinds have so many words that matter: all behind the reference count and the type. */
  private static final int WORDS = 5;

  /** Of a PyMethodDef: {@code ml_meth}, {@code ml_flags}, {@code ml_doc}. */
  private static final int FUNCTION = 8;

  private static final int FLAGS = 16;
  private static final int DOC = 24;
  private static final int DEFINITION_SIZE = 32;

  /** What a function or method had before: its definition, and its entry for calls. */
  private record Former(long definition, long vectorcall) {}

  /** Of each definition of ours. */
  private static final Map<Long, Former> FORMER = new ConcurrentHashMap<>();

  private BuiltinFunctions() {}

  /** What is not laid out as is assumed here, if anything. */
  public static Optional<String> verify() {
    long fast = definition("sluice_fast", METH_FASTCALL_KEYWORDS, CALL_FIRST, 0);
    long plain = definition("sluice_plain", METH_NOARGS, CALL_FIRST, 0);
    long self = ContainerApi.newList();
    long module = UnicodeApi.fromString("sluice");
    long one = Shapes.call(NEW, fast, self, module, 0);
    long other = Shapes.call(NEW, plain, self, module, 0);
    long length = ObjectApi.getAttr(ContainerApi.LIST_TYPE, UnicodeApi.intern("append"));
    try {
      if (one == 0 || other == 0 || length == 0) {
        return Optional.of("builtin functions cannot be made");
      }
      boolean found =
          ObjectApi.type(one) == FUNCTION_TYPE
              && Memory.getLong(one + DEFINITION) == fast
              && Memory.getLong(other + DEFINITION) == plain
              && Memory.getLong(one + FIRST) == self
              && Memory.getLong(one + MODULE) == module
              && Memory.getLong(one + VECTORCALL) != 0
              && Memory.getLong(one + VECTORCALL) != Memory.getLong(other + VECTORCALL);
      if (!found) {
        return Optional.of("builtin functions are not laid out as expected");
      }
      boolean method =
          ObjectApi.type(length) == DESCRIPTOR_TYPE
              && Memory.getLong(length + OWNER) == ContainerApi.LIST_TYPE
              && Memory.string(Memory.getLong(Memory.getLong(length + METHOD))).equals("append");
      return method ? Optional.empty() : Optional.of("methods are not laid out as expected");
    } finally {
      for (long each : new long[] {one, other, self, module, length}) {
        ObjectApi.decRef(each);
      }
    }
  }

  /** A definition that is never freed, because functions may keep it for as long as they live. */
  private static long definition(String name, int flags, long function, long doc) {
    return definition(Memory.stringForEver(name), flags, function, doc);
  }

  private static long definition(long name, int flags, long function, long doc) {
    long def = Memory.allocateForEver(DEFINITION_SIZE);
    Memory.putLong(def, name);
    Memory.putLong(def + FUNCTION, function);
    Memory.putInt(def + FLAGS, flags);
    Memory.putLong(def + DOC, doc);
    return def;
  }

  /** Whether it is a builtin function, or a method bound to an object. */
  public static boolean isFunction(long object) {
    return ObjectApi.is(object, FUNCTION_TYPE);
  }

  /** Whether it is a method of a C type, not bound to an object. */
  public static boolean isDescriptor(long object) {
    return ObjectApi.type(object) == DESCRIPTOR_TYPE;
  }

  /** The definition of either kind: the former one, if another one is there now. */
  public static long formerDefinition(long object) {
    long def = Memory.getLong(object + definitionAt(object));
    Former former = FORMER.get(def);
    return former == null ? def : former.definition();
  }

  /** Whether the function, or the method, calls something else than it did when it was made. */
  public static boolean isRebound(long object) {
    return FORMER.containsKey(Memory.getLong(object + definitionAt(object)));
  }

  private static int definitionAt(long object) {
    return isDescriptor(object) ? METHOD : DEFINITION;
  }

  /** The object that the C function gets first; borrowed, and null for some. */
  public static long first(long function) {
    return Memory.getLong(function + FIRST);
  }

  /** A definition for {@link #rebind}, for all functions that have the same one as the example. */
  public static long definitionFor(long example) {
    return derived(Memory.getLong(example + DEFINITION), example, CALL_FIRST);
  }

  private static long derived(long former, long example, long function) {
    long def =
        definition(
            Memory.getLong(former), METH_FASTCALL_KEYWORDS, function, Memory.getLong(former + DOC));
    FORMER.put(def, new Former(former, Memory.getLong(example + VECTORCALL)));
    return def;
  }

  /** The entry for calls that every function with our flags has. */
  private static final class Entry {
    static final long VECTORCALL = find();

    private static long find() {
      long def = definition("sluice_fast", METH_FASTCALL_KEYWORDS, CALL_FIRST, 0);
      long function = Shapes.call(NEW, def, ObjectApi.NONE, 0, 0);
      long found = Memory.getLong(function + BuiltinFunctions.VECTORCALL);
      ObjectApi.decRef(function);
      return found;
    }
  }

  /** A new function that does what this one did when it was made. */
  public static long copy(long function) {
    long former = formerDefinition(function);
    return Shapes.call(
        NEW, former, Memory.getLong(function + FIRST), Memory.getLong(function + MODULE), 0);
  }

  /** Has a function call the callable; the function is not rebound yet. */
  public static void rebind(long function, long definition, long callable) {
    long before = Memory.getLong(function + FIRST);
    ObjectApi.incRef(callable);
    Memory.putLong(function + FIRST, callable);
    Memory.putLong(function + DEFINITION, definition);
    Memory.putLong(function + VECTORCALL, Entry.VECTORCALL);
    ObjectApi.decRef(before);
  }

  /** Gives a rebound function its words back, with the object that it got first before. */
  public static void restore(long function, long first) {
    Former former = former(Memory.getLong(function + DEFINITION));
    long callable = Memory.getLong(function + FIRST);
    ObjectApi.incRef(first);
    Memory.putLong(function + FIRST, first);
    Memory.putLong(function + DEFINITION, former.definition());
    Memory.putLong(function + VECTORCALL, former.vectorcall());
    ObjectApi.decRef(callable);
  }

  private static Former former(long def) {
    Former former = FORMER.get(def);
    if (former == null) {
      throw new IllegalArgumentException("the function is not rebound");
    }
    return former;
  }

  /** A new method that does what this one did when it was made. */
  public static long copyDescriptor(long method) {
    return Shapes.call(NEW_DESCRIPTOR, Memory.getLong(method + OWNER), formerDefinition(method));
  }

  /**
   * A definition for a method, whose body gets the object, then the arguments; for {@link
   * #rebindDescriptor}.
   */
  public static long definitionFor(long method, Callbacks.Body body) {
    return derived(Memory.getLong(method + METHOD), method, Callbacks.entry(body));
  }

  /** Has a method run the body of a definition that was made for it. */
  public static void rebindDescriptor(long method, long definition) {
    long other = Shapes.call(NEW_DESCRIPTOR, Memory.getLong(method + OWNER), definition);
    long vectorcall = Memory.getLong(other + VECTORCALL);
    ObjectApi.decRef(other);
    Memory.putLong(method + METHOD, definition);
    Memory.putLong(method + VECTORCALL, vectorcall);
  }

  /** Gives a rebound method its words back. */
  public static void restoreDescriptor(long method) {
    Former former = former(Memory.getLong(method + METHOD));
    Memory.putLong(method + METHOD, former.definition());
    Memory.putLong(method + VECTORCALL, former.vectorcall());
  }

  /** The words of a function or a method that a rebinding may change, and those around them. */
  public static long[] words(long object) {
    long[] words = new long[WORDS];
    for (int i = 0; i < WORDS; i++) {
      words[i] = Memory.getLong(object + 16 + i * 8L);
    }
    return words;
  }

  /**
   * The dictionary of a type's own attributes in the current interpreter, also of a static type; a
   * new reference, or null with an exception set.
   */
  public static long typeDict(long type) {
    long proxy = ObjectApi.getAttr(type, UnicodeApi.intern("__dict__"));
    if (proxy == 0) {
      return 0;
    }
    long dict = Memory.getLong(proxy + 16);
    if (ObjectApi.type(dict) != ContainerApi.DICT_TYPE) {
      ObjectApi.decRef(proxy);
      ErrorApi.raise(ErrorApi.Types.TYPE_ERROR, "the type's attributes are in no dictionary");
      return 0;
    }
    ObjectApi.incRef(dict);
    ObjectApi.decRef(proxy);
    return dict;
  }

  /** Tells CPython that a type's dictionary was changed: what it remembered of it is void. */
  public static void typeModified(long type) {
    Shapes.call(MODIFIED, type);
  }
}
