package dev.sluice.guard.watch;

import java.time.Instant;
import java.util.List;

/**
 * A loop that stood still: between two looks for events it was longer with its callbacks than it
 * should be. Never changed.
 *
 * @param loop the thread that runs it
 * @param interpreter the name of the loop's interpreter
 * @param kind what it did for most of the looks that the watch took
 * @param nanos how long it stood still; so far, where it still does
 * @param stack what it was in, after half of the time at the latest: Python's and Java's frames,
 *     innermost first
 * @param holder who had the GIL that it waited for, and what that was in; empty if it did not
 * @param began when it last looked for events
 * @param over whether it goes on
 */
public record Stall(
    String loop,
    String interpreter,
    Kind kind,
    long nanos,
    List<String> stack,
    List<String> holder,
    Instant began,
    boolean over) {
  /** Copies the lists, and leaves the guard's own frames out. */
  public Stall {
    stack = StackText.withoutGuard(stack);
    holder = List.copyOf(holder);
  }

  /**
   * The line of the stack to look at first: the innermost of user code's in either language; where
   * there is none, the innermost of Python's.
   */
  public String place() {
    return StackText.place(stack);
  }

  /** What a loop does that stands still. */
  public enum Kind {
    /** It is in a call of C code, of Python's or an extension's, that waits. */
    BLOCKED,
    /** It computes: Python code, or C code. */
    COMPUTING,
    /** It waits for the GIL, which another thread has. */
    STARVED,
    /** It is in Java code that Python has called. */
    IN_JAVA
  }
}
