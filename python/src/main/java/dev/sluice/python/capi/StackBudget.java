package dev.sluice.python.capi;

import java.util.Optional;

/**
 * How one thread's stack is shared between Python and Java, so that neither meets its end, which
 * would end the JVM; made and asked on the thread that it is for.
 *
 * <p>The end of a stack is Java's: the JVM checks for 80 KiB below each of its own frames, and
 * throws before that; a function of Java's that Python calls with less could not even catch it.
 * Python is kept away from there. 3.14 measures the stack itself, and is told that it ends earlier.
 * Older versions only count ({@link RecursionCounters}): they get as many levels as fit into a part
 * of the stack. Java code in turn calls Python, and is called by it, only while Python's part is
 * still left: that is what {@link #require} checks, with a comparison.
 */
public final class StackBudget {
  /** A budget that is never used up. */
  public static final StackBudget UNLIMITED = new StackBudget();

  /**
   * The stacks of threads that Python starts: so large that glibc, which keeps the stacks of
   * threads that ended, never gives one to a thread of Java's of less than 18 MiB. The JVM leaves
   * inaccessible pages in the stack of a thread that it did not start, a page higher than in one of
   * its own, which would die there. One page more keeps huge ones away.
   */
  public static final long THREADS_OF_PYTHON = 72 * 1024 * 1024 + 4096;

  /** What those use of it where Python measures; where it counts, it never comes so far. */
  private static final long USED_BY_PYTHON = 16 * 1024 * 1024;

  /** What Java has for itself on a stack that is large enough. */
  private static final long RESERVED_FOR_JAVA = 256 * 1024;

  /** The JVM's own zones at the end of a stack take 96 KiB. */
  private static final long LEAST_FOR_JAVA = 112 * 1024;

  /** 3.14 raises 32 KiB before the end that it knows, and ends the process 16 KiB before it. */
  private static final long MARGIN_OF_PYTHON = 48 * 1024;

  /** Smaller ones are refused by CPython. */
  private static final long LEAST_FOR_PYTHON = 64 * 1024;

  private final Memory.Block buffer = StackPointer.newBuffer();
  private final long lowest;
  private final long usable;
  private final int levels;
  private final long floor;
  private final long entry;

  private StackBudget() {
    lowest = 0;
    usable = 0;
    levels = 0;
    floor = Long.MIN_VALUE;
    entry = Long.MIN_VALUE;
  }

  private StackBudget(ThreadStack stack, long reserved) {
    lowest = stack.lowest() + reserved;
    usable = Math.max(0, stack.size() - reserved);
    levels = Version.MEASURES ? 0 : RecursionCounters.levels(usable);
    floor = lowest + (Version.MEASURES ? MARGIN_OF_PYTHON : RecursionCounters.bytes(levels));
    entry = floor + reserved / 4;
  }

  private static final class Version {
    static final int MINOR = LifecycleApi.minorVersion();
    static final boolean MEASURES = MINOR >= 14;
  }

  /** The calling thread's. */
  static StackBudget ofCaller() {
    Optional<ThreadStack> found = ThreadStack.ofCaller();
    if (found.isEmpty()) {
      return UNLIMITED;
    }
    ThreadStack stack = used(found.get());
    long reserved = Math.clamp(stack.size() / 4, LEAST_FOR_JAVA, RESERVED_FOR_JAVA);
    return new StackBudget(stack, reserved);
  }

  private static ThreadStack used(ThreadStack stack) {
    boolean isPythons =
        Version.MEASURES && Math.abs(stack.size() - THREADS_OF_PYTHON) < RESERVED_FOR_JAVA;
    long unused = isPythons ? stack.size() - USED_BY_PYTHON : 0;
    return new ThreadStack(stack.lowest() + unused, stack.size() - unused);
  }

  /** Makes Python's limits fit, for a state of this budget's thread; on that thread. */
  void fit(long state) {
    if (usable == 0) {
      return;
    }
    if (!Version.MEASURES) {
      RecursionCounters.fit(state, levels);
    } else if (usable >= LEAST_FOR_PYTHON) {
      StackProtection.set(state, lowest, usable);
    }
  }

  /** Forgets a state that has ended. */
  static void forget(long state) {
    if (!Version.MEASURES) {
      RecursionCounters.forget(state);
    }
  }

  /** The highest limit of recursion that 3.11 may be given; 0 from 3.12 on, where all are fine. */
  public static int highestLimit() {
    return Version.MINOR < 12 ? RecursionCounters.MOST : 0;
  }

  /**
   * Refuses to go on with too little of the stack left; on the budget's own thread.
   *
   * @throws StackOverflowError which becomes a RecursionError where it reaches Python
   */
  public void require() {
    require(floor);
  }

  /** The same for a function of Java's that Python has called, and which may use Python itself. */
  public void requireForJava() {
    require(entry);
  }

  private void require(long least) {
    if (StackPointer.now(buffer.address()) < least) {
      // A constant: whatever else were loaded for it might not be loaded to its end.
      throw new StackOverflowError("too little of the stack is left for Python and Java");
    }
  }
}
