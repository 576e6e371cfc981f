package dev.sluice.python.capi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which signals have arrived without their handlers having run yet (signalmodule.c), read from
 * CPython's own table by any thread, attached or not.
 *
 * <p>No function tells it. The table has an {@code int} and the handler for each signal, and lies
 * among libpython's variables; it is found by a handler that is known.
 */
public final class TrippedSignals {
  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final int ENTRY = 16;
  private static final int HANDLER = 8;

  /** Those that every platform has at least. */
  private static final int SIGNALS = 32;

  private final long table;

  private TrippedSignals(long table) {
    this.table = table;
  }

  /**
   * Finds the table; empty where that cannot be done.
   *
   * @param handler the address of the only object that is the signal's handler
   */
  public static Optional<TrippedSignals> find(int signal, long handler) {
    long inside = Libpython.address("_PyRuntime");
    long begin = 0;
    long end = 0;
    try {
      for (String line : Files.readAllLines(MAPS)) {
        String[] parts = line.split("[- ]", 4);
        long from = Long.parseUnsignedLong(parts[0], 16);
        long to = Long.parseUnsignedLong(parts[1], 16);
        if (!parts[2].startsWith("rw")) {
          continue;
        }
        boolean follows = from == end;
        if (!follows && Long.compareUnsigned(inside, begin) >= 0 && inside < end) {
          break;
        }
        begin = follows ? begin : from;
        end = to;
      }
    } catch (IOException e) {
      return Optional.empty(); // another platform
    }
    boolean isFound = inside >= begin && inside < end;
    return isFound ? search(begin, end, signal, handler) : Optional.empty();
  }

  /** Safe: the whole range is mapped for as long as libpython is loaded. */
  private static Optional<TrippedSignals> search(long begin, long end, int signal, long handler) {
    for (long at = begin + (long) ENTRY * SIGNALS; at < end - (long) ENTRY * SIGNALS; at += 8) {
      if (Memory.getLong(at) == handler) {
        TrippedSignals found = new TrippedSignals(at - HANDLER - (long) ENTRY * signal);
        if (found.isTable()) {
          return Optional.of(found);
        }
      }
    }
    return Optional.empty();
  }

  private boolean isTable() {
    for (int signal = 1; signal < SIGNALS; signal++) {
      int tripped = Memory.getInt(table + (long) ENTRY * signal);
      if (tripped != 0 && tripped != 1) {
        return false;
      }
    }
    return true;
  }

  /** Whether the signal's handler is still to run. */
  public boolean isTripped(int signal) {
    return Memory.getInt(table + (long) ENTRY * signal) != 0;
  }
}
