package dev.sluice.python;

/** Python's comparisons, in the order of {@code Py_LT} to {@code Py_GE}. */
public enum Comparison {
  LESS,
  LESS_OR_EQUAL,
  EQUAL,
  NOT_EQUAL,
  GREATER,
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
