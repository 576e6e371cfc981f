package dev.sluice.server;

import java.util.List;

/**
 * How stopping went.
 *
 * @param cut how many requests were cut off, because they took longer than the limit
 * @param stuck the workers that were still inside the application
 */
public record DrainReport(int cut, List<Thread> stuck) {
  public DrainReport {
    stuck = List.copyOf(stuck);
  }

  /** Whether every request was answered. */
  public boolean isClean() {
    return cut == 0 && stuck.isEmpty();
  }
}
