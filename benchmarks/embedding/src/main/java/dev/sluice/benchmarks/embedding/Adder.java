package dev.sluice.benchmarks.embedding;

import dev.sluice.python.KeepGil;

/** A Java object whose methods Python calls. */
public final class Adder {
  /** The sum; other threads may run Python meanwhile. */
  public int add(int a, int b) {
    return a + b;
  }

  /** The same, with the GIL kept. */
  public static final class KeepingGil {
    /** The sum; nobody else runs Python meanwhile. */
    @KeepGil
    public int add(int a, int b) {
      return a + b;
    }
  }
}
