package dev.sluice.server.exchange;

/** Decides whom a request comes from when proxies stand in between; on the IO thread. */
@FunctionalInterface
public interface Forwarding {
  /** Nobody speaks for others. */
  Forwarding NONE = (head, connection) -> connection;

  /**
   * Works out the peer that the application is to see, and takes out of the head what only a
   * trusted proxy may say.
   *
   * @param connection the two ends of the connection
   */
  Peer apply(RequestHead head, Peer connection);
}
