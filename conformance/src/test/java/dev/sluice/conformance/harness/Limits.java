package dev.sluice.conformance.harness;

import java.time.Duration;

/**
 * How long a wait may last before a test fails: generous, since a passing test never gets there.
 */
public final class Limits {
  /** An answer, a line, a connection. */
  public static final Duration ANSWER = Duration.ofSeconds(20);

  /** A start; the first of a build unpacks CPython. */
  public static final Duration START = Duration.ofMinutes(2);

  /** Work of another program: pip, migrations, unpacking. */
  public static final Duration TOOL = Duration.ofMinutes(5);

  /** The promise: SIGTERM ends the server within 2 s; the rest is for a busy machine. */
  public static final Duration STOP = Duration.ofMillis(2_700);

  private Limits() {}
}
