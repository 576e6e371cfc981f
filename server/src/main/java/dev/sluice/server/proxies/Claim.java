package dev.sluice.server.proxies;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one kind of header says of the client, once the trusted hops are taken off; used by the IO
 * thread that read it.
 *
 * @param address the client's, empty if it is hidden, null if nothing is said of it
 * @param port the client's, or 0
 * @param scheme null if nothing is said of it
 * @param serverPort the port that the client connected to, or 0
 */
record Claim(@Nullable String address, int port, @Nullable String scheme, int serverPort) {
  /** Nothing is said. */
  static final Claim NOTHING = new Claim(null, 0, null, 0);

  /** Reads the Forwarded headers; null if a part that counts is malformed. */
  static @Nullable Claim ofForwarded(RequestHead head, TrustedProxies trusted) {
    ElementsFromRight elements = new ElementsFromRight(head, HeaderName.FORWARDED, true);
    Claim claim = NOTHING;
    while (elements.next()) {
      Hop hop = ForwardedElement.parse(elements.line(), elements.start(), elements.end());
      if (hop == null) {
        return null;
      }
      claim = claim.further(hop);
      if (!trusted.contains(hop.address())) {
        break;
      }
    }
    return claim;
  }

  /**
   * Reads the X-Forwarded headers; null if a part of X-Forwarded-For that counts is malformed. A
   * scheme or port that is malformed is removed from the head, and not said.
   */
  static @Nullable Claim ofXForwarded(RequestHead head, TrustedProxies trusted) {
    ElementsFromRight elements = new ElementsFromRight(head, HeaderName.X_FORWARDED_FOR, false);
    Claim claim = NOTHING;
    int hops = 0;
    while (elements.next()) {
      Hop hop = Hop.ofXForwardedFor(elements.text());
      if (hop == null) {
        return null;
      }
      hops++;
      claim = claim.further(hop);
      if (!trusted.contains(hop.address())) {
        break;
      }
    }
    String scheme = null;
    String said = valueOfHop(head, HeaderName.X_FORWARDED_PROTO, hops);
    if (said != null) {
      scheme = Hop.scheme(said);
      if (scheme == null) {
        head.remove(HeaderName.X_FORWARDED_PROTO);
      }
    }
    int port = 0;
    said = valueOfHop(head, HeaderName.X_FORWARDED_PORT, hops);
    if (said != null) {
      port = Math.max(0, Hop.port(said, 0));
      if (port == 0) {
        head.remove(HeaderName.X_FORWARDED_PORT);
      }
    }
    return new Claim(claim.address, claim.port, scheme, port);
  }

  /**
   * The only value; of several the one that belongs to the given hop, counted from the right; an
   * empty one, which is malformed, if there is no such; null if there is none at all.
   */
  private static @Nullable String valueOfHop(RequestHead head, HeaderName name, int hop) {
    ElementsFromRight elements = new ElementsFromRight(head, name, false);
    if (!elements.next()) {
      return null;
    }
    String value = elements.text();
    int wanted = Math.max(1, hop);
    int count = 1;
    while (elements.next()) {
      if (++count == wanted) {
        return elements.text();
      }
      if (wanted == 1) {
        return value;
      }
    }
    return count == 1 ? value : "";
  }

  /** What is known after one hop more. */
  private Claim further(Hop hop) {
    return switch (hop.node()) {
      case ABSENT -> new Claim(address, port, hop.scheme(), 0);
      case HIDDEN -> new Claim("", 0, hop.scheme(), 0);
      case ADDRESS ->
          new Claim(Objects.requireNonNull(hop.address()).text(), hop.port(), hop.scheme(), 0);
    };
  }

  /** What both say; null if they contradict each other. */
  @Nullable Claim and(Claim other) {
    boolean agree =
        (address == null || other.address == null || address.equals(other.address))
            && (port == 0 || other.port == 0 || port == other.port)
            && (scheme == null || other.scheme == null || scheme.equals(other.scheme));
    return agree
        ? new Claim(
            address != null ? address : other.address,
            port != 0 ? port : other.port,
            scheme != null ? scheme : other.scheme,
            serverPort != 0 ? serverPort : other.serverPort)
        : null;
  }
}
