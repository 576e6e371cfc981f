package dev.sluice.python;

/**
 * How often the boundary between Java and one interpreter was crossed; counted on threads that hold
 * its GIL, which is the lock, and read by the watch at any time, a moment late.
 */
final class CrossingCounts {
  /** Calls of Python's functions, imports and source run, from Java. */
  long intoPython;

  /** Calls of Java's functions, methods and constructors, from Python. */
  long intoJava;

  /** Tells one moment from the next, if there was a crossing between. */
  long total() {
    return intoPython + intoJava;
  }
}
