package dev.sluice.server.metrics;

/** Is told how long something has waited; any thread. Does not block, and allocates nothing. */
@FunctionalInterface
public interface WaitObserver {
  /** Nobody is told. */
  WaitObserver NONE = nanos -> {};

  /** Something has waited for so many nanoseconds. */
  void waited(long nanos);
}
