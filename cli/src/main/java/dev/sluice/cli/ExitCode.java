package dev.sluice.cli;

import dev.sluice.python.ErrorCode;

/** What the process ends with; docs/errors.md lists them. */
final class ExitCode {
  static final int OK = 0;
  static final int INTERNAL = 1;
  static final int USAGE = 2;
  static final int APPLICATION_NOT_FOUND = 3;
  static final int APPLICATION_RAISED = 4;
  static final int NOT_BOUND = 5;
  static final int PYTHON = 6;

  /** Ended by a signal, as a shell counts it: 128 and the signal's number. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}

  static int of(ErrorCode code) {
    return switch (code.id()) {
      case "SL499" -> INTERNAL;
      case "SL206", "SL301", "SL310", "SL311", "SL320" -> USAGE;
      case String id when id.startsWith("SL33") -> USAGE;
      case "SL204", "SL205" -> APPLICATION_RAISED;
      case "SL207", "SL406" -> PYTHON;
      case String id when id.startsWith("SL1") -> PYTHON;
      case String id when id.startsWith("SL2") -> APPLICATION_NOT_FOUND;
      case String id when id.startsWith("SL3") -> NOT_BOUND;
      default -> USAGE;
    };
  }
}
