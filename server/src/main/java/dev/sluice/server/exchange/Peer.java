package dev.sluice.server.exchange;

import org.jspecify.annotations.Nullable;

/**
 * The two ends of a request as the application is to see them: those of the connection, or what a
 * trusted proxy says of its client; immutable, any thread.
 *
 * @param remoteAddress the client's address as text, or an empty string for a unix socket
 * @param remotePort the client's port, or 0 where it is not known
 * @param localAddress the address that the client connected to, or an empty string
 * @param scheme {@code http} or {@code https}
 * @param tls what was agreed on with whoever is at the other end of an encrypted connection; null
 *     on a plain one
 */
public record Peer(
    String remoteAddress,
    int remotePort,
    String localAddress,
    int localPort,
    String scheme,
    @Nullable TlsDetails tls) {
  /** A client of which nothing is known. */
  public static final Peer UNKNOWN = new Peer("", 0, "", 0, "http", null);

  /** The same connection on behalf of another client. */
  public Peer onBehalfOf(String address, int port, String itsScheme) {
    return new Peer(address, port, localAddress, localPort, itsScheme, tls);
  }
}
