package dev.sluice.python.capi;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The thread state that {@code PyGILState_Ensure} believes to be the calling thread's: the value of
 * a key of pthreads, which extension modules rely on (Cython's {@code with gil}, ctypes' {@code
 * PyDLL}). Each method speaks of the calling thread only.
 *
 * <p>CPython forgets to keep it right where states are deleted by another thread than their own:
 * since 3.12 that clears the key of the thread that deletes, for good, and leaves a pointer to
 * freed memory on the thread whose state it was, which the next attach writes to. So who deletes
 * sets its own state again, and who leaves a sub-interpreter, which may be ended while the thread
 * lives on, leaves no pointer to its state behind.
 */
final class GilState {
  private static final int NONE = -1;

  /** POSIX allows 128 keys at least; glibc has 1024. */
  private static final int MOST_KEYS = 1024;

  private static final Optional<MemorySegment> SETTER = symbol("pthread_setspecific");

  /** The same in every thread; found once. */
  private static volatile int key = NONE;

  private GilState() {}

  private static Optional<MemorySegment> symbol(String name) {
    return Linker.nativeLinker().defaultLookup().find(name);
  }

  /** Finds the key: on a thread whose state is the given one, and was its first. */
  static void learn(long state) {
    Optional<MemorySegment> getter = symbol("pthread_getspecific");
    if (key != NONE || getter.isEmpty()) {
      return;
    }
    int found = NONE;
    for (int candidate = 0; candidate < MOST_KEYS; candidate++) {
      if (Shapes.quick(getter.get(), candidate) == state) {
        if (found != NONE) {
          return; // not to be told from a key of somebody else's
        }
        found = candidate;
      }
    }
    key = found;
  }

  /** Sets the calling thread's state; zero for none. */
  static void set(long state) {
    if (key != NONE) {
      Shapes.quick(SETTER.orElseThrow(), key, state);
    }
  }
}
