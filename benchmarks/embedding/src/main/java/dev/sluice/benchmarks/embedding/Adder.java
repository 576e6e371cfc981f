package dev.sluice.benchmarks.embedding;

/** A Java object whose method Python calls. */
public final class Adder {
  /** The sum. */
  public int add(int a, int b) {
    return a + b;
  }
}
