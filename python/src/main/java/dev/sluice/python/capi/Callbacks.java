package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Builtin functions of Python whose body is Java (methodobject.h); they run on whatever thread
 * calls them, which holds the GIL.
 */
public final class Callbacks {
  private static final MemorySegment NEW = Libpython.symbol("PyCMethod_New");
  private static final int METH_FASTCALL_KEYWORDS = 0x80 | 0x02;
  private static final MethodHandle GUARDED = guarded();

  /** Never closed. */
  private static final Pool FOR_EVER = new Pool();

  private Callbacks() {}

  /**
   * The body of a builtin function.
   *
   * <p>It may throw: whatever leaves it becomes a Python exception, never an unwinding through
   * CPython's frames (which would end the JVM).
   */
  @FunctionalInterface
  public interface Body {
    /**
     * Runs the function.
     *
     * @param self what the function object was made with; borrowed
     * @param arguments the address of {@code count} borrowed references, then the keywords' values
     * @param keywordNames a tuple of str, or null
     * @return a new reference, or null with an exception set
     */
    long call(long self, long arguments, long count, long keywordNames);
  }

  /** A definition from which any number of function objects can be made. */
  public static final class Definition {
    private final long methodDef;

    private Definition(long methodDef) {
      this.methodDef = methodDef;
    }

    /** A new function object bound to {@code self} (which may be null); an attached thread. */
    public long bind(long self) {
      return Shapes.call(NEW, methodDef, self, 0, 0);
    }
  }

  /** Defines a function that any interpreter may have, for ever. */
  public static Definition define(String name, String doc, Body body) {
    return define(FOR_EVER, name, doc, body);
  }

  /** The same for one interpreter, until its pool is closed. */
  public static Definition define(Pool pool, String name, String doc, Body body) {
    long def = pool.allocate(32);
    Memory.putLong(def, pool.string(name));
    Memory.putLong(def + 8, pool.stub(GUARDED.bindTo(body)));
    Memory.putInt(def + 16, METH_FASTCALL_KEYWORDS);
    Memory.putLong(def + 24, pool.string(doc));
    return new Definition(def);
  }

  /** The address of a C function that runs the body, and is there for ever. */
  static long entry(Body body) {
    return FOR_EVER.stub(GUARDED.bindTo(body));
  }

  private static MethodHandle guarded() {
    try {
      return MethodHandles.lookup()
          .findStatic(
              Callbacks.class,
              "run",
              MethodType.methodType(
                  long.class, Body.class, long.class, long.class, long.class, long.class));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("Callbacks.run", e);
    }
  }

  // Called by CPython only: an exception that left it would end the JVM, so that all are caught.
  @SuppressWarnings("unused")
  private static long run(Body body, long self, long arguments, long count, long keywordNames) {
    try {
      return body.call(self, arguments, count, keywordNames);
    } catch (Throwable t) {
      return raise(t);
    }
  }

  private static long raise(Throwable t) {
    try {
      if (!ErrorApi.occurred()) {
        ErrorApi.raise(
            t instanceof StackOverflowError
                ? ErrorApi.Types.RECURSION_ERROR
                : ErrorApi.Types.RUNTIME_ERROR,
            "Java raised " + t);
      }
    } catch (Throwable ignored) {
      // Nothing more can be done here; CPython reports a null without an exception as SystemError.
    }
    return 0;
  }
}
