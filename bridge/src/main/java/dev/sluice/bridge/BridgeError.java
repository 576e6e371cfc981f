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
  LOG_RECORDS_TAKEN("SL163"),

  /** Nothing has been said about which loop runs what others wait for; raised in Python. */
  NOT_SET_UP("SL164"),

  /** The program runs its own loop, and none is known; raised in Python. */
  NO_RUNNING_LOOP("SL165"),

  /** Another loop has been chosen before; raised in Python. */
  LOOP_CHOSEN("SL166"),

  /** The loop has stopped, or is about to; raised in Python. */
  LOOP_STOPPED("SL167"),

  /** The loop's own thread was to wait for it; raised in Python. */
  OWN_THREAD("SL168"),

  /** What belongs to one loop was used with another; raised in Python. */
  OTHER_LOOP("SL169"),

  /** Another of Twisted's reactors is installed; raised in Python. */
  OTHER_REACTOR("SL170"),

  /** What a loop has accepted does not add up; logged. */
  UNACCOUNTED("SL171"),

  /** The loop of setup() did not end in time; in the log. */
  NOT_ENDED("SL172");

  private final String id;

  BridgeError(String id) {
    this.id = id;
  }

  @Override
  public String id() {
    return id;
  }
}
