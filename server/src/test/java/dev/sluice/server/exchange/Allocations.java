package dev.sluice.server.exchange;

import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;

/** Measures what the calling thread allocates. */
public final class Allocations {
  private Allocations() {}

  /** How many bytes the best of five rounds has allocated; what asking costs is taken off. */
  public static long of(Runnable round) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      long before = allocated();
      round.run();
      least = Math.min(least, allocated() - before - asking());
    }
    return least;
  }

  private static long asking() {
    long before = allocated();
    return allocated() - before;
  }

  private static long allocated() {
    try {
      Class<?> type = Class.forName("com.sun.management.ThreadMXBean");
      Method method = type.getMethod("getCurrentThreadAllocatedBytes");
      return (long) method.invoke(ManagementFactory.getThreadMXBean());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM does not tell", e);
    }
  }
}
