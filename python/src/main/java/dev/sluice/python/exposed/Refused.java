package dev.sluice.python.exposed;

import dev.sluice.python.capi.ErrorApi;

/** An argument that is none for its parameter; whoever knows the method adds its name. */
final class Refused extends PythonRaise {
  private static final long serialVersionUID = 1L;

  private Refused(long type, int position, String reason) {
    super(type, "argument %d: %s".formatted(position + 1, reason));
  }

  static Refused type(int position, String reason) {
    return new Refused(ErrorApi.Types.TYPE_ERROR, position, reason);
  }

  static Refused overflow(int position, String reason) {
    return new Refused(ErrorApi.Types.OVERFLOW_ERROR, position, reason);
  }

  /** The same with the name of what was called. */
  PythonRaise by(String signature) {
    return new PythonRaise(type(), signature + ", " + getMessage());
  }
}
