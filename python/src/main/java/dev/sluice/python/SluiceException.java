package dev.sluice.python;

import org.jspecify.annotations.Nullable;

/** A failure that a user can mend: the message says what happened, where, and what to do. */
public class SluiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ErrorCode code;

  /** A failure without another one behind it. */
  public SluiceException(ErrorCode code, String message) {
    this(code, message, null);
  }

  /** A failure that another one has led to. */
  public SluiceException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** Which of the failures that docs/errors.md explains. */
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
