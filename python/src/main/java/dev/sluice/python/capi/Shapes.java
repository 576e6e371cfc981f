package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * The few erased function shapes through which all of libpython is called, on whatever thread the
 * caller runs.
 *
 * <p>Linking one function costs milliseconds at start-up, so functions are not linked one by one:
 * every pointer, {@code Py_ssize_t} and {@code int} travels as a 64-bit integer, which leaves one
 * downcall handle for each number of arguments, given the function's address with each call. That
 * is sound because all arguments fit in integer registers on the supported calling conventions (at
 * most four on Windows, six and eight elsewhere; five arguments are passed on no Windows path yet),
 * where an {@code int} is read from the low half of its register, and an {@code int} result is
 * narrowed by the caller ({@code (int) call(...)}), which ignores the undefined upper half.
 *
 * <p>{@code quick} is the same without the transition between Java and native code. It is only for
 * functions that are short, cannot block and cannot run Python code (and so never call Java).
 */
final class Shapes {
  private static final Linker LINKER = Linker.nativeLinker();

  private static final MethodHandle CALL0 = link(0);
  private static final MethodHandle CALL1 = link(1);
  private static final MethodHandle CALL2 = link(2);
  private static final MethodHandle CALL3 = link(3);
  private static final MethodHandle CALL4 = link(4);
  private static final MethodHandle CALL5 = link(5);
  private static final MethodHandle QUICK1 = link(1, Linker.Option.critical(false));
  private static final MethodHandle QUICK2 = link(2, Linker.Option.critical(false));
  private static final MethodHandle QUICK3 = link(3, Linker.Option.critical(false));

  private Shapes() {}

  /** Takes bytes of the Java heap, which stay in place during the call. */
  private static final class OnHeap {
    static final MethodHandle QUICK =
        LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG),
            Linker.Option.critical(true));

    static final MethodHandle QUICK_SECOND =
        LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG),
            Linker.Option.critical(true));
  }

  /** Needed only where CPython was in the process before. */
  private static final class Nullary {
    static final MethodHandle QUICK = link(0, Linker.Option.critical(false));
  }

  /** The handles that only conversions of floating-point numbers need. */
  private static final class Floating {
    static final MethodHandle TO_DOUBLE =
        LINKER.downcallHandle(FunctionDescriptor.of(JAVA_DOUBLE, JAVA_LONG));
    static final MethodHandle FROM_DOUBLE =
        LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, JAVA_DOUBLE), Linker.Option.critical(false));
  }

  private static MethodHandle link(int arguments, Linker.Option... options) {
    MemoryLayout[] layouts = new MemoryLayout[arguments];
    Arrays.fill(layouts, JAVA_LONG);
    return LINKER.downcallHandle(FunctionDescriptor.of(JAVA_LONG, layouts), options);
  }

  static long call(MemorySegment function) {
    try {
      return (long) CALL0.invokeExact(function);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(MemorySegment function, long a) {
    try {
      return (long) CALL1.invokeExact(function, a);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(MemorySegment function, long a, long b) {
    try {
      return (long) CALL2.invokeExact(function, a, b);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(MemorySegment function, long a, long b, long c) {
    try {
      return (long) CALL3.invokeExact(function, a, b, c);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(MemorySegment function, long a, long b, long c, long d) {
    try {
      return (long) CALL4.invokeExact(function, a, b, c, d);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(MemorySegment function, long a, long b, long c, long d, long e) {
    try {
      return (long) CALL5.invokeExact(function, a, b, c, d, e);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long quick(MemorySegment function) {
    try {
      return (long) Nullary.QUICK.invokeExact(function);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long quick(MemorySegment function, long a) {
    try {
      return (long) QUICK1.invokeExact(function, a);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long quick(MemorySegment function, long a, long b) {
    try {
      return (long) QUICK2.invokeExact(function, a, b);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long quick(MemorySegment function, long a, long b, long c) {
    try {
      return (long) QUICK3.invokeExact(function, a, b, c);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** {@code quick} with an array of the Java heap as the first argument; keep it small. */
  static long quick(MemorySegment function, byte[] a, long b, long c) {
    try {
      return (long) OnHeap.QUICK.invokeExact(function, MemorySegment.ofArray(a), b, c);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The same with the array as the second argument. */
  static long quick(MemorySegment function, long a, char[] b, long c) {
    try {
      return (long) OnHeap.QUICK_SECOND.invokeExact(function, a, MemorySegment.ofArray(b), c);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static double toDouble(MemorySegment function, long a) {
    try {
      return (double) Floating.TO_DOUBLE.invokeExact(function, a);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Quick: see above. */
  static long fromDouble(MemorySegment function, double a) {
    try {
      return (long) Floating.FROM_DOUBLE.invokeExact(function, a);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Native functions throw nothing; only an error of the JVM itself can arrive here. */
  private static RuntimeException unexpected(Throwable t) {
    if (t instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a call of native code failed", t);
  }
}
