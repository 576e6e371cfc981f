package dev.sluice.python;

import org.jspecify.annotations.Nullable;

/** A failure that a user can mend: the message says what happened, where, and what to do. */
public class SluiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ErrorCode code;

  public SluiceException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public SluiceException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }

  /** With the code, by which docs/errors.md explains it. */
  @Override
  @SuppressWarnings("OverrideThrowableToString") // the message stands alone where the code does
  public String toString() {
    // The code does not travel with a serialised exception.
    return code == null
        ? super.toString()
        : "%s: %s: %s".formatted(getClass().getName(), code.id(), getMessage());
  }
}
