package dev.sluice.guard;

import dev.sluice.python.ErrorCode;

/** What the guard says: SL180 to SL189; Python code sees it as exceptions of Python's. */
public enum GuardError implements ErrorCode {
  /** A call was refused because it would have blocked a guarded thread; raised in Python. */
  BLOCKING_CALL("SL180"),

  /** Functions of this Python cannot be changed in place; raised in Python. */
  NO_GUARD("SL181"),

  /** A call was to be farmed out where no microthread could wait for it; raised in Python. */
  NO_MICROTHREAD("SL182"),

  /** What was registered is no function or method of C; raised in Python. */
  NOT_OF_C("SL183");

  private final String id;

  GuardError(String id) {
    this.id = id;
  }

  @Override
  public String id() {
    return id;
  }
}
