package dev.sluice.python;

import java.time.Duration;

/**
 * How an interpreter beside the main one is made; immutable, any thread.
 *
 * @param ownsGil whether it has a GIL of its own, and so runs beside the others at the same time;
 *     from Python 3.13 on. Extension modules that do not support this cannot be imported in it.
 * @param closeLimit how long {@link Interpreter#close} waits for threads that are inside
 */
public record InterpreterOptions(boolean ownsGil, Duration closeLimit) {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  /** An interpreter with a GIL of its own. */
  public static InterpreterOptions ownGil() {
    return new InterpreterOptions(true, CLOSE_LIMIT);
  }

  /** An interpreter with modules of its own, that shares the main one's GIL. */
  public static InterpreterOptions sharedGil() {
    return new InterpreterOptions(false, CLOSE_LIMIT);
  }

  /** The same with another limit for {@link Interpreter#close}. */
  public InterpreterOptions withCloseLimit(Duration newLimit) {
    return new InterpreterOptions(ownsGil, newLimit);
  }
}
