package dev.sluice.python;

/** Python's comparisons, in the order of {@code Py_LT} to {@code Py_GE}. */
public enum Comparison {
  /** {@code <}. */
  LESS,
  /** {@code <=}. */
  LESS_OR_EQUAL,
  /** {@code ==}. */
  EQUAL,
  /** {@code !=}. */
  NOT_EQUAL,
  /** {@code >}. */
  GREATER,
  /** {@code >=}. */
  GREATER_OR_EQUAL;

  int code() {
    return switch (this) {
      case LESS -> 0;
      case LESS_OR_EQUAL -> 1;
      case EQUAL -> 2;
      case NOT_EQUAL -> 3;
      case GREATER -> 4;
      case GREATER_OR_EQUAL -> 5;
    };
  }
}
