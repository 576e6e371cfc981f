package dev.sluice.server;

import java.util.List;

/**
 * How stopping went.
 *
 * @param cut how many requests were cut off, because they took longer than the limit
 * @param requests those that the application had in hand then, for people
 * @param stuck the workers that were still inside the application at the very end
 */
public record DrainReport(int cut, List<String> requests, List<Thread> stuck) {
  public DrainReport {
    requests = List.copyOf(requests);
    stuck = List.copyOf(stuck);
  }

  /** Nothing had to be cut off. */
  static DrainReport clean() {
    return new DrainReport(0, List.of(), List.of());
  }

  /** Whether every request was answered. */
  public boolean isClean() {
    return cut == 0 && stuck.isEmpty();
  }
}
