package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.SwitchPoint;

/**
 * Tells Python code which call of Java's it is within: whoever copies parts of a thread's stack, as
 * greenlet does, must leave those alone that frames of Java's are in. On the thread that makes the
 * calls, from when the first one asks for it; until then calls cost nothing more.
 *
 * <p>Each thread has a word of native memory with the number of the innermost call that is active,
 * or 0. No two calls on a thread have the same.
 */
public final class JavaFrames {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final SwitchPoint UNCOUNTED = new SwitchPoint();
  private static final ThreadLocal<Calls> CALLS = ThreadLocal.withInitial(Calls::new);

  private static volatile boolean counting;

  private JavaFrames() {}

  private static final class Calls {
    final MemorySegment word = Arena.ofAuto().allocate(JAVA_LONG);
    long last;
  }

  /** From now on calls of Java's functions are numbered; any thread, at any time. */
  public static synchronized void count() {
    if (!counting) {
      counting = true;
      SwitchPoint.invalidateAll(new SwitchPoint[] {UNCOUNTED});
    }
  }

  /** The word of the calling thread, which is there as long as somebody has it. */
  public static MemorySegment wordOfCaller() {
    return CALLS.get().word;
  }

  /** Begins a call; what {@link #leave} is to get. */
  static long enter() {
    if (!counting) {
      return 0;
    }
    Calls calls = CALLS.get();
    long outer = calls.word.get(JAVA_LONG, 0);
    calls.word.set(JAVA_LONG, 0, ++calls.last);
    return outer;
  }

  /** Ends a call that has begun when calls were counted. */
  static void leave(long outer) {
    CALLS.get().word.set(JAVA_LONG, 0, outer);
  }

  /** Whether calls are counted. */
  static boolean isCounting() {
    return counting;
  }

  // Used by the method handles of counted functions.
  @SuppressWarnings("unused")
  private static long leave(Throwable thrown, long result, long outer) {
    leave(outer);
    return result;
  }

  // Used by the method handles of counted functions.
  @SuppressWarnings("unused")
  private static void leave(Throwable thrown, long outer) {
    leave(outer);
  }

  /**
   * A function that does what the target does, and counts; all take longs, and give one or none.
   */
  static MethodHandle counted(MethodHandle target) {
    try {
      boolean gives = target.type().returnType() != void.class;
      MethodHandle enter = LOOKUP.findStatic(JavaFrames.class, "enter", type(long.class));
      MethodHandle leave =
          gives
              ? LOOKUP.findStatic(
                  JavaFrames.class,
                  "leave",
                  type(long.class, Throwable.class, long.class, long.class))
              : LOOKUP.findStatic(
                  JavaFrames.class, "leave", type(void.class, Throwable.class, long.class));
      MethodHandle inner = MethodHandles.dropArguments(target, 0, long.class);
      MethodHandle counted =
          MethodHandles.foldArguments(MethodHandles.tryFinally(inner, leave), enter);
      return UNCOUNTED.guardWithTest(target, counted);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("JavaFrames", e);
    }
  }

  private static MethodType type(Class<?> result, Class<?>... parameters) {
    return MethodType.methodType(result, parameters);
  }
}
