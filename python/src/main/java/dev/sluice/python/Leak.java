package dev.sluice.python;

import java.util.List;

/**
 * One place in a program that made references to Python objects which nobody closed; immutable.
 *
 * @param live whether they are still reachable; otherwise the collector has found them
 * @param count how many
 * @param site the stack of their making, the innermost frame first
 */
public record Leak(boolean live, long count, List<StackTraceElement> site) {
  /** Copies the list. */
  public Leak {
    site = List.copyOf(site);
  }

  /** Several lines, as a stack trace looks. */
  public String describe() {
    StringBuilder text = new StringBuilder();
    text.append(count)
        .append(live ? " open reference(s)" : " reference(s) collected without close(),")
        .append(" made at");
    for (StackTraceElement frame : site) {
      text.append("\n\tat ").append(frame);
    }
    return text.toString();
  }
}
