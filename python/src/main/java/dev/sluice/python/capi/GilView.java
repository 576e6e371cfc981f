package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The GIL of an interpreter as CPython's memory shows it ({@code struct _gil_runtime_state} of
 * pycore_gil.h); any thread may look, and needs nothing for it. What it sees may have changed a
 * moment later.
 *
 * <p>The structure lies inside the static runtime state, or inside the interpreter that owns it,
 * and stays as long as that does.
 */
final class GilView implements ThreadStates.Gil {
  private static final int LAST_HOLDER = 8;
  private static final int LOCKED = 16;

  /** Conditions and locks follow, by which threads wait for it: pthread's, or what is smaller. */
  private static final int WAITING = 32;

  private static final int SIZE = 256;

  /** 3.11: {@code _PyRuntime.ceval.gil}. */
  private static final int IN_RUNTIME = 360;

  /** 3.12: {@code PyInterpreterState.ceval.gil}, a pointer. */
  private static final int POINTER_OF_3_12 = 384;

  /** The same from 3.13 on. */
  private static final int POINTER = 16;

  /** No interpreter is larger: a pointer outside of that is no GIL of its own. */
  private static final long LARGEST_INTERPRETER = 1L << 20;

  private static final MemorySegment MAIN = Libpython.symbol("PyInterpreterState_Main");

  private final long address;

  private GilView(long address) {
    this.address = address;
  }

  /**
   * The GIL that the calling thread holds with the given state; null if it is not where the
   * versions known so far have it.
   */
  static @Nullable GilView find(long interpreter, long state) {
    long candidate = candidate(interpreter);
    if (candidate == 0) {
      return null;
    }
    GilView found = new GilView(candidate);
    return found.isTaken() && found.lastHolder() == state ? found : null;
  }

  private static long candidate(long interpreter) {
    int minor = LifecycleApi.minorVersion();
    if (minor == 11) {
      return Libpython.optional("_PyRuntime").map(it -> it.address() + IN_RUNTIME).orElse(0L);
    }
    int at = minor == 12 ? POINTER_OF_3_12 : POINTER;
    long gil = Memory.getLong(interpreter + at);
    return liesIn(interpreter, gil) || liesIn(Shapes.call(MAIN), gil) ? gil : 0;
  }

  private static boolean liesIn(long interpreter, long gil) {
    return gil > interpreter && gil < interpreter + LARGEST_INTERPRETER && gil % 8 == 0;
  }

  @Override
  public boolean isTaken() {
    return Memory.getIntAcquire(address + LOCKED) != 0;
  }

  @Override
  public boolean interruptsAll() {
    return LifecycleApi.minorVersion() >= 12;
  }

  @Override
  public boolean isWaitedForAt(long other) {
    return other >= address + WAITING && other < address + SIZE;
  }

  @Override
  public long lastHolder() {
    return Memory.getLongAcquire(address + LAST_HOLDER);
  }
}
