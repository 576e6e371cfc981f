package dev.sluice.bridge;

import dev.sluice.python.ErrorCode;

/** Failures of loops, of ways into them, and of queues: SL160 to SL179. */
public enum BridgeError implements ErrorCode {
  /** A loop was used on a thread that does not run it; raised in Python. */
  WRONG_THREAD("SL160"),

  /** There can be no loop of Sluice's in this process. */
  NO_LOOP("SL161"),

  /** The loop is closed, or about to be. */
  LOOP_CLOSED("SL162"),

  /** Another handler has Java's log records; raised in Python. */
  LOG_RECORDS_TAKEN("SL163");

  private final String id;

  BridgeError(String id) {
    this.id = id;
  }

  @Override
  public String id() {
    return id;
  }
}
