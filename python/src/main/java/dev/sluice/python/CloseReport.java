package dev.sluice.python;

import java.time.Duration;
import java.util.List;

/**
 * How closing went.
 *
 * @param finalised whether CPython has freed the interpreter; if not, somebody was still inside,
 *     and its memory stays with the process. In a Python program, whose CPython nobody but itself
 *     ends, whether Sluice has left completely
 * @param took how long closing took
 * @param holders who held it up, as far as that could be seen; empty if it was finalised
 */
public record CloseReport(boolean finalised, Duration took, List<Holder> holders) {
  /** Copies the list. */
  public CloseReport {
    holders = List.copyOf(holders);
  }

  /**
   * A thread that did not leave in time.
   *
   * @param thread its name
   * @param doing what it was doing
   * @param javaStack its frames in Java, innermost first; none for a thread of Python's own
   * @param pythonStack its frames in Python, innermost first; none if they could not be read
   */
  public record Holder(
      String thread, String doing, List<StackTraceElement> javaStack, List<String> pythonStack) {
    /** Copies the lists. */
    public Holder {
      javaStack = List.copyOf(javaStack);
      pythonStack = List.copyOf(pythonStack);
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder("thread ").append(thread).append(' ').append(doing);
      pythonStack.forEach(frame -> text.append("\n    ").append(frame));
      javaStack.forEach(frame -> text.append("\n    at ").append(frame));
      return text.toString();
    }
  }
}
