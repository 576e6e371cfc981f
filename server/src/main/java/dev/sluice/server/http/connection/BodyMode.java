package dev.sluice.server.http.connection;

/** How an application wants the bodies of its requests; any thread. */
public enum BodyMode implements BodyChoice {
  /** Each as a whole, before it is asked: in memory, or in a file beyond what fits there. */
  COLLECT,
  /** Those that do not fit into memory while they arrive, the others as a whole. */
  STREAM_LARGE,
  /** All while they arrive, but for small ones whose length is declared. */
  STREAM_ALL;

  /** What is declared as no more than this is collected in any mode, if it fits into memory. */
  private static final int SMALL = 64 * 1024;

  /** The same for all requests. */
  @Override
  public BodyMode of(String target) {
    return this;
  }

  /**
   * Whether a body is read while it arrives.
   *
   * @param length what was declared, or -1
   */
  boolean streams(long length, HttpLimits limits) {
    return switch (this) {
      case COLLECT -> false;
      case STREAM_LARGE -> isBeyond(limits.bodyInMemory(), length);
      case STREAM_ALL -> isBeyond(Math.min(SMALL, limits.bodyInMemory()), length);
    };
  }

  private static boolean isBeyond(int most, long length) {
    return length < 0 || length > most;
  }
}
