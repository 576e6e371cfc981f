package dev.sluice.server.proxies;

import org.jspecify.annotations.Nullable;

/**
 * What one proxy says of whoever has connected to it; immutable, any thread.
 *
 * @param node whether it says anything of the address
 * @param address the address, where {@code node} is {@link Node#ADDRESS}
 * @param port the port, or 0 if nothing is said of it
 * @param scheme {@code http}, {@code https}, or null if nothing is said of it
 */
record Hop(Node node, @Nullable IpAddress address, int port, @Nullable String scheme) {
  /** What is said of an address. */
  enum Node {
    /** Nothing. */
    ABSENT,
    /** That it is not known, or not told. */
    HIDDEN,
    ADDRESS
  }

  private static final Hop HIDDEN = new Hop(Node.HIDDEN, null, 0, null);

  Hop withScheme(@Nullable String itsScheme) {
    return new Hop(node, address, port, itsScheme);
  }

  /**
   * Reads the node of RFC 7239, section 6: an address, IPv6 in brackets, {@code unknown} or {@code
   * _obfuscated}, each perhaps with a port; null if it is malformed.
   */
  static @Nullable Hop ofNode(String text) {
    int nameEnd = text.startsWith("[") ? text.indexOf(']') + 1 : text.indexOf(':');
    if (nameEnd < 0) {
      nameEnd = text.length();
    }
    if (nameEnd == 0) {
      return null;
    }
    int port = 0;
    if (nameEnd < text.length()) {
      if (text.charAt(nameEnd) != ':') {
        return null;
      }
      port = isObfuscated(text, nameEnd + 1, text.length()) ? 0 : port(text, nameEnd + 1);
      if (port < 0) {
        return null;
      }
    }
    if (text.startsWith("[")) {
      IpAddress address = IpAddress.parse(text, 1, nameEnd - 1);
      boolean six = address != null && text.lastIndexOf(':', nameEnd - 1) > 0;
      return six ? new Hop(Node.ADDRESS, address, port, null) : null;
    }
    if (isObfuscated(text, 0, nameEnd)
        || (nameEnd == 7 && text.regionMatches(true, 0, "unknown", 0, 7))) {
      return HIDDEN;
    }
    IpAddress address = IpAddress.parse(text, 0, nameEnd);
    return address == null ? null : new Hop(Node.ADDRESS, address, port, null);
  }

  /** Reads an element of X-Forwarded-For: as {@link #ofNode}, IPv6 without brackets too. */
  static @Nullable Hop ofXForwardedFor(String text) {
    IpAddress bare = IpAddress.parse(text);
    if (bare != null) {
      return new Hop(Node.ADDRESS, bare, 0, null);
    }
    return ofNode(text);
  }

  private static boolean isObfuscated(String text, int from, int to) {
    if (to - from < 2 || text.charAt(from) != '_') {
      return false;
    }
    for (int i = from + 1; i < to; i++) {
      char c = text.charAt(i);
      boolean letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 0x80;
      if (!letter && !IpAddress.isDigit(c) && "._-".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  /** One to five digits that are a port (0 says nothing), or -1. */
  static int port(String text, int from) {
    int digits = text.length() - from;
    if (digits < 1 || digits > 5) {
      return -1;
    }
    int port = 0;
    for (int i = from; i < text.length(); i++) {
      if (!IpAddress.isDigit(text.charAt(i))) {
        return -1;
      }
      port = port * 10 + text.charAt(i) - '0';
    }
    return port <= 65_535 ? port : -1;
  }

  /** What a scheme means here (WebSockets are HTTP), or null if it is none of HTTP's. */
  static @Nullable String scheme(String text) {
    if (text.equalsIgnoreCase("https") || text.equalsIgnoreCase("wss")) {
      return "https";
    }
    return text.equalsIgnoreCase("http") || text.equalsIgnoreCase("ws") ? "http" : null;
  }
}
