package dev.sluice.guard;

import dev.sluice.python.ErrorCode;

/** What the guard says: SL180 to SL199; Python code sees it as exceptions of Python's. */
public enum GuardError implements ErrorCode {
  /** A call was refused because it would have blocked a guarded thread; raised in Python. */
  BLOCKING_CALL("SL180"),

  /** Functions of this Python cannot be changed in place; raised in Python. */
  NO_GUARD("SL181"),

  /** A call was to be farmed out where no microthread could wait for it; raised in Python. */
  NO_MICROTHREAD("SL182"),

  /** What was registered is no function or method of C; raised in Python. */
  NOT_OF_C("SL183"),

  /** There is no greenlet, which microthreads need; raised in Python. */
  NO_GREENLET("SL190"),

  /** A microthread would have been suspended where that is forbidden; raised in Python. */
  SWITCH_FORBIDDEN("SL191"),

  /** There are no microthreads in interpreters with a GIL of their own; raised in Python. */
  OWN_GIL("SL192"),

  /** The thread state of this Python is laid out in an unknown way; raised in Python. */
  UNKNOWN_THREAD_STATE("SL193"),

  /** Java lies between a microthread's start and the loop that is to go on with it. */
  JAVA_BETWEEN("SL194"),

  /** What is for microthreads was called outside of one; raised in Python. */
  NOT_A_MICROTHREAD("SL195"),

  /** A microthread's loop is run by another thread than the one that it began on. */
  MICROTHREAD_ON_ANOTHER_THREAD("SL196");

  private final String id;

  GuardError(String id) {
    this.id = id;
  }

  @Override
  public String id() {
    return id;
  }
}
