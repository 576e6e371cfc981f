package dev.sluice.server.proxies;

import dev.sluice.server.exchange.LogText;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out for whom a trusted proxy speaks, and sees to it that nobody else is believed; used by
 * the IO threads, each with its own requests.
 *
 * <p>A proxy adds whom it speaks for on the right of the list. So the list is read from the right,
 * past the addresses that are trusted themselves, up to the first that is not: the client. Nothing
 * further left is looked at; the client may have written it. If all are trusted, it is the
 * leftmost.
 *
 * <p>What the application sees of all that:
 *
 * <ul>
 *   <li>From a connection that is not trusted, every header that speaks for others is removed
 *       ({@link ForwardingNames} has the list), whoever reads them further on.
 *   <li>What is malformed where it counts is removed, and nothing of it believed.
 *   <li>A proxy that writes one kind of header passes the other on as the client sent it. Where the
 *       kind is fixed, the other is removed. Where it is not, and the two contradict each other,
 *       both are removed and the client's address is empty: neither the one that the client may
 *       have made up, nor the proxy's own, which could open doors.
 *   <li>The same names with underscores are removed in any case.
 * </ul>
 *
 * <p>A request without any such header costs one look at each of its names, and no allocation.
 */
public final class ForwardedHeaders {
  private static final Logger LOG = LoggerFactory.getLogger(ForwardedHeaders.class);

  /** Which headers the trusted proxies write. */
  public enum Kind {
    /** Whichever is there; what happens if both are is said above. */
    EITHER,
    /** Forwarded (RFC 7239). */
    FORWARDED,
    /** X-Forwarded-For, -Proto and -Port. */
    X_FORWARDED
  }

  private static final int ALL =
      ForwardingNames.FORWARDED
          | ForwardingNames.X_FORWARDED
          | ForwardingNames.OTHER
          | ForwardingNames.DISGUISED;

  private final TrustedProxies trusted;
  private final Kind kind;

  public ForwardedHeaders(TrustedProxies trusted, Kind kind) {
    this.trusted = trusted;
    this.kind = kind;
  }

  /**
   * Removes from the head what must not be believed, and returns the peer as the application is to
   * see it: the connection's own, or the client that a trusted proxy speaks for.
   *
   * @param connection who is at the other end of the connection (or whom PROXY protocol names)
   */
  public Peer apply(RequestHead head, Peer connection) {
    int present = 0;
    for (int i = 0; i < head.headerCount(); i++) {
      present |= ForwardingNames.kind(head.headerName(i));
    }
    if (present == 0) {
      return connection;
    }
    if (!trusted.trusts(connection)) {
      strip(head, ALL);
      return connection;
    }
    int unwanted = ForwardingNames.DISGUISED;
    if (kind == Kind.FORWARDED) {
      unwanted |= ForwardingNames.X_FORWARDED;
    } else if (kind == Kind.X_FORWARDED) {
      unwanted |= ForwardingNames.FORWARDED;
    }
    if ((present & unwanted) != 0) {
      strip(head, unwanted);
    }
    return believe(head, connection, present & ~unwanted);
  }

  private Peer believe(RequestHead head, Peer connection, int present) {
    Claim forwarded = Claim.NOTHING;
    Claim xForwarded = Claim.NOTHING;
    if ((present & ForwardingNames.FORWARDED) != 0) {
      forwarded =
          orNothing(Claim.ofForwarded(head, trusted), head, connection, ForwardingNames.FORWARDED);
    }
    if ((present & ForwardingNames.X_FORWARDED) != 0) {
      xForwarded =
          orNothing(
              Claim.ofXForwarded(head, trusted), head, connection, ForwardingNames.X_FORWARDED);
    }
    Claim both = forwarded.and(xForwarded);
    if (both == null) {
      LOG.debug(
          "Forwarded and X-Forwarded-* from {} contradict each other for {}: neither is believed",
          connection.remoteAddress(),
          LogText.of(head.target()));
      strip(head, ForwardingNames.FORWARDED | ForwardingNames.X_FORWARDED);
      return connection.onBehalfOf("", 0, connection.scheme());
    }
    return both.equals(Claim.NOTHING) ? connection : peer(connection, both);
  }

  private static Claim orNothing(
      @Nullable Claim claim, RequestHead head, Peer connection, int itsKind) {
    if (claim != null) {
      return claim;
    }
    LOG.debug(
        "malformed headers of the proxy {} are not believed, for {}",
        connection.remoteAddress(),
        LogText.of(head.target()));
    strip(head, itsKind);
    return Claim.NOTHING;
  }

  private static Peer peer(Peer connection, Claim claim) {
    boolean same = claim.address() == null;
    return new Peer(
        claim.address() == null ? connection.remoteAddress() : claim.address(),
        same ? connection.remotePort() : claim.port(),
        connection.localAddress(),
        claim.serverPort() != 0 ? claim.serverPort() : connection.localPort(),
        claim.scheme() == null ? connection.scheme() : claim.scheme(),
        connection.tls());
  }

  private static void strip(RequestHead head, int kinds) {
    head.removeIf(name -> (ForwardingNames.kind(name) & kinds) != 0);
  }
}
