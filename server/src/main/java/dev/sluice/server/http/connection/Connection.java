package dev.sluice.server.http.connection;

/** A connection as its IO thread sees it, on which every method runs. */
public interface Connection {
  /**
   * Ends what takes too long; called once a second.
   *
   * @param second {@link IoThread#second}
   */
  void checkTimeout(int second);

  /** Whether a request is being received or answered, or its answer sent. */
  boolean isBusy();

  /** Whether the client has not yet sent a request, and may be about to. */
  default boolean isSilent() {
    return false;
  }

  /**
   * Has the client told that the connection ends, before {@link #drain} ends it: requests that are
   * on their way meanwhile are answered. At once, where it can be told so without being asked.
   */
  default void announceEnd() {
    drain();
  }

  /** Ends the connection if it is idle, else after what is in flight. */
  void drain();

  /** Ends the connection, and cuts off what is in flight. */
  void closeNow();
}
