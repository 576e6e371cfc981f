package dev.sluice.python;

/** Failures of finding, loading and attaching to Python. */
public enum PythonError implements ErrorCode {
  // Finding (dev.sluice.python.install): SL101 to SL119.
  NOTHING_THERE("SL101"),
  NOT_A_PYTHON("SL102"),
  ENVIRONMENT_BROKEN("SL103"),
  IMPLEMENTATION_UNSUPPORTED("SL104"),
  VERSION_UNSUPPORTED("SL105"),
  FREE_THREADED("SL106"),
  ARCHITECTURE_UNSUPPORTED("SL107"),
  NO_SHARED_LIBRARY("SL108"),
  NO_EMBEDDED_PYTHON("SL109"),
  CACHE_UNUSABLE("SL110"),
  ENVIRONMENT_NOT_MADE("SL111"),

  // Loading and starting: SL120 to SL129.
  LIBRARY_NOT_LOADED("SL120"),
  OPENED_BEFORE("SL121"),
  LAYOUT_UNKNOWN("SL122"),
  START_FAILED("SL123"),
  PYTHONHOME_SET("SL124"),

  // Attaching: SL130 to SL149.
  VIRTUAL_THREAD("SL130"),
  WRONG_THREAD("SL131"),
  SCOPE_CLOSED("SL132"),
  SCOPE_ORDER("SL133"),
  NOT_ATTACHED("SL134"),
  INTERPRETER_CLOSED("SL135"),
  GIL_DEADLOCK("SL136"),
  GIL_STALLED("SL137"),
  OWN_GIL_UNSUPPORTED("SL138"),
  INTERPRETER_NOT_MADE("SL139"),
  WORKERS_FULL("SL141"),
  WORKERS_WAIT("SL142"),

  // Java in Python: SL150 to SL159.
  NO_JAVA_CLASS("SL150"),
  CLASS_NOT_PUBLIC("SL151"),
  NO_JAVA_PATH("SL152"),
  SOURCES_NOT_COMPILED("SL153"),
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
