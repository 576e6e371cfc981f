package dev.sluice.python.exposed;

import dev.sluice.python.capi.ErrorApi;
import org.jspecify.annotations.Nullable;

/** A builtin exception of Python that Java code of ours raises; never seen by anybody else. */
public class PythonRaise extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long type;

  /** An exception of the type, which is borrowed. */
  public PythonRaise(long type, @Nullable String message) {
    super(message, null, false, false);
    this.type = type;
  }

  final long type() {
    return type;
  }

  static PythonRaise type(String message) {
    return new PythonRaise(ErrorApi.Types.TYPE_ERROR, message);
  }

  static PythonRaise overflow(String message) {
    return new PythonRaise(ErrorApi.Types.OVERFLOW_ERROR, message);
  }

  /** Sets the exception on the calling thread. */
  final void set() {
    String message = String.valueOf(getMessage());
    if (message.isEmpty()) {
      ErrorApi.raiseNone(type);
    } else {
      ErrorApi.raise(type, message);
    }
  }
}
