package dev.sluice.python;

/** Failures of finding, loading and attaching to Python. */
public enum PythonError implements ErrorCode {
  // Finding (dev.sluice.python.install): SL101 to SL119.
  /** There is nothing at the path that was named. */
  NOTHING_THERE("SL101"),

  /** What is at the path is no Python. */
  NOT_A_PYTHON("SL102"),

  /** The Python that a virtual environment was made with is gone, or another version. */
  ENVIRONMENT_BROKEN("SL103"),

  /** It is another implementation than CPython. */
  IMPLEMENTATION_UNSUPPORTED("SL104"),

  /** Its version is older than 3.11 or newer than 3.14. */
  VERSION_UNSUPPORTED("SL105"),

  /** It is a free-threaded build. */
  FREE_THREADED("SL106"),

  /** It is for another processor than the JVM. */
  ARCHITECTURE_UNSUPPORTED("SL107"),

  /** It has no shared library, and no embedded Python can stand in. */
  NO_SHARED_LIBRARY("SL108"),

  /** No embedded Python came with this build for this platform. */
  NO_EMBEDDED_PYTHON("SL109"),

  /** The cache cannot be read or written. */
  CACHE_UNUSABLE("SL110"),

  /** The embedded Python's environment could not be made. */
  ENVIRONMENT_NOT_MADE("SL111"),

  // Loading and starting: SL120 to SL129.
  /** The dynamic loader refused the shared library. */
  LIBRARY_NOT_LOADED("SL120"),

  /** CPython was opened before in this process. */
  OPENED_BEFORE("SL121"),

  /** Its objects are laid out in an unknown way. */
  LAYOUT_UNKNOWN("SL122"),

  /** CPython refused to start. */
  START_FAILED("SL123"),

  /** The variable PYTHONHOME is set, which could lead to another Python's library. */
  PYTHONHOME_SET("SL124"),

  /** A running Python was asked for, and there is none in the process. */
  NOT_RUNNING("SL125"),

  /** A Python was to be loaded, and one runs in the process already. */
  RUNNING_ALREADY("SL126"),

  /** A Python program before 3.13 called Java without having imported threading. */
  THREADING_NOT_IMPORTED("SL127"),

  /** As a warning: deep recursion on the main thread of a Python program could end the process. */
  JVM_STACKS_SMALL("SL128"),

  // Attaching: SL130 to SL149.
  /** A virtual thread wanted to attach. */
  VIRTUAL_THREAD("SL130"),

  /** A scope was used on another thread than its own. */
  WRONG_THREAD("SL131"),

  /** A scope or an object was used after it was closed. */
  SCOPE_CLOSED("SL132"),

  /** Scopes were closed in another order than the reverse of their opening. */
  SCOPE_ORDER("SL133"),

  /** Python was used on a thread that is not attached. */
  NOT_ATTACHED("SL134"),

  /** The interpreter is closed. */
  INTERPRETER_CLOSED("SL135"),

  /** The thread with the GIL waits for the one that wants to attach. */
  GIL_DEADLOCK("SL136"),

  /** The thread with the GIL has waited in Java for longer than the stall limit. */
  GIL_STALLED("SL137"),

  /** This Python has no interpreters with a GIL of their own. */
  OWN_GIL_UNSUPPORTED("SL138"),

  /** CPython made no further interpreter. */
  INTERPRETER_NOT_MADE("SL139"),

  /** As many tasks are queued as an interpreter takes. */
  WORKERS_FULL("SL141"),

  /** All workers wait for tasks that they submitted. */
  WORKERS_WAIT("SL142"),

  /** A wait was refused that could never have ended. */
  WAIT_CIRCLE("SL143"),

  /** A thread ended with the GIL, which nobody can have any more. */
  GIL_LOST("SL149"),

  // Java in Python: SL150 to SL159.
  /** Python code asked for a Java class that is not there. */
  NO_JAVA_CLASS("SL150"),

  /** Python code asked for a Java class that is not public. */
  CLASS_NOT_PUBLIC("SL151"),

  /** A jar or folder for Python code is not there, or cannot be read. */
  NO_JAVA_PATH("SL152"),

  /** Java sources for Python code do not compile. */
  SOURCES_NOT_COMPILED("SL153"),

  /** Stubs were wanted for a module that Java does not offer. */
  NO_JAVA_MODULE("SL154");

  private final String id;

  PythonError(String id) {
    this.id = id;
  }

  @Override
  public String id() {
    return id;
  }
}
