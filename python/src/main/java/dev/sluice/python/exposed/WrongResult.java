package dev.sluice.python.exposed;

/** A Python function gave Java code what has no value of the type it wants; Python's TypeError. */
public final class WrongResult extends ClassCastException {
  private static final long serialVersionUID = 1L;

  public WrongResult(String message) {
    super(message);
  }
}
