package dev.sluice.python;

/** A stable name for one kind of failure, listed in docs/errors.md; each module has an enum. */
public interface ErrorCode {
  /** Such as {@code SL101}. */
  String id();
}
