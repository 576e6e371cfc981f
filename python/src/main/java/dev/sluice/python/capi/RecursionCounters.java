package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The counters that keep Python 3.11 to 3.13 from the end of a thread's stack, which they do not
 * measure; on the thread of the state, or with the GIL of its interpreter.
 *
 * <p>From 3.12 on levels of recursion through C are counted apart from Python's own frames, which
 * take no stack; 3.11 has one counter for both. Either allows what fits into the stack that a main
 * thread usually has, and is lowered here to what fits into this one. The bytes were measured with
 * {@code list.sort(key=...)} calling itself, which takes three times as many as anything else that
 * was tried; a quarter is added.
 */
final class RecursionCounters {
  private static final int MINOR = LifecycleApi.minorVersion();
  private static final boolean IN_C = MINOR >= 12;
  private static final long BYTES_PER_LEVEL = IN_C ? 2048 : 3072;

  /** The counters stand near the front of the state. */
  private static final int SEARCHED = 160;

  /** So many levels the largest stacks of ours carry: 16 MiB. */
  static final int MOST = (int) ((16 * 1024 - 256) * 1024 / 8 * 5 / BYTES_PER_LEVEL);

  private static final MemorySegment ID = Libpython.symbol("PyThreadState_GetID");
  private static final MemorySegment LIMIT = Libpython.symbol("Py_GetRecursionLimit");

  /** What was done to which state; one of that address that ended may have had another number. */
  private static final ConcurrentMap<Long, Fitted> FITTED = new ConcurrentHashMap<>();

  private static final class Fitted {
    final long id;
    final int levels;
    int taken;

    Fitted(long id, int levels) {
      this.id = id;
      this.levels = levels;
    }
  }

  /** Where the counter is, and what it is at first: found in the main thread's state. */
  private static final class Layout {
    static final int UNKNOWN = -1;
    static final int OFFSET = find(ThreadApi.currentOrNull());
    static final int USUAL = OFFSET == UNKNOWN ? 0 : usual(ThreadApi.currentOrNull());

    private Layout() {}

    private static int find(long state) {
      int limit = state == 0 ? 0 : (int) Shapes.call(LIMIT);
      for (int at = 0; limit != 0 && at < SEARCHED; at += 4) {
        // Remaining frames and their limit; from 3.12 on remaining levels in C; headroom.
        long words = state + at;
        int remaining = Memory.getInt(words + (IN_C ? 8 : 0));
        if (Memory.getInt(words) == limit
            && Memory.getInt(words + 4) == limit
            && remaining >= 200
            && remaining <= 100_000
            && Memory.getInt(words + (IN_C ? 12 : 8)) == 0) {
          return at + (IN_C ? 8 : 0);
        }
      }
      return UNKNOWN;
    }

    private static int usual(long state) {
      return Memory.getInt(state + OFFSET);
    }
  }

  private RecursionCounters() {}

  /** What Python may use of a stack's bytes for both: Java gets three eighths. */
  static int levels(long usable) {
    long fitting = usable / 8 * 5 / BYTES_PER_LEVEL;
    return (int) Math.min(fitting, IN_C ? Layout.USUAL : MOST);
  }

  /** How much of a stack so many levels take. */
  static long bytes(int levels) {
    return levels * BYTES_PER_LEVEL;
  }

  /** Lowers the counter to so many levels, once. */
  static void fit(long state, int levels) {
    if (Layout.OFFSET == Layout.UNKNOWN) {
      return;
    }
    long id = Shapes.call(ID, state);
    Fitted before = FITTED.get(state);
    if (before == null || before.id != id) {
      Fitted fitted = new Fitted(id, levels);
      FITTED.put(state, fitted);
      take(state, fitted);
    }
  }

  /** Takes away what the limit allows above the levels; gives back what was taken before. */
  private static void take(long state, Fitted fitted) {
    int limit = IN_C ? Layout.USUAL : Memory.getInt(state + Layout.OFFSET + 4);
    int taken = Math.max(0, limit - fitted.levels);
    long counter = state + Layout.OFFSET;
    // On 3.11 the limit itself stays: one below the interpreter's would be raised again.
    Memory.putInt(counter, Memory.getInt(counter) + fitted.taken - taken);
    fitted.taken = taken;
  }

  /** Does so again for a state that 3.11 has given another limit. */
  static void fitAgain(long state) {
    Fitted fitted = FITTED.get(state);
    if (fitted != null && fitted.id == Shapes.call(ID, state)) {
      take(state, fitted);
    }
  }

  /** Forgets a state that has ended. */
  static void forget(long state) {
    FITTED.remove(state);
  }
}
