package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;

/** What is refused in a request's head, whatever the protocol it came by; no state, any thread. */
public final class RequestChecks {
  private RequestChecks() {}

  /**
   * Checks the method, the target and the Host header, and that they fit together.
   *
   * @param needsHost whether the protocol demands a Host header
   */
  public static void check(RequestHead head, boolean needsHost) throws Refused {
    checkTarget(head.target(), head.method());
    checkHost(head, needsHost);
    checkAuthority(head);
    checkLength(head);
  }

  private static void checkTarget(String target, String method) throws Refused {
    boolean known =
        target.startsWith("/")
            || (target.equals("*") && method.equals("OPTIONS"))
            || target.regionMatches(true, 0, "http://", 0, 7)
            || target.regionMatches(true, 0, "https://", 0, 8);
    if (!known) {
      throw new Refused(400, "the request target is neither a path nor a URL");
    }
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c == 0x7f || c == '#') {
        throw new Refused(400, "the request target has a character that is not allowed");
      }
    }
  }

  private static void checkHost(RequestHead head, boolean needsHost) throws Refused {
    int hosts = head.occurrences(HeaderName.HOST);
    if (hosts > 1 || (needsHost && hosts == 0)) {
      throw new Refused(400, "a request has exactly one Host header");
    }
    String host = head.header(HeaderName.HOST);
    if (host == null) {
      return;
    }
    boolean bracketed = host.startsWith("[");
    int port = bracketed ? host.indexOf(']') + 1 : portSeparator(host);
    boolean wellFormed =
        port == host.length() || (port > 0 && host.charAt(port) == ':' && isPort(host, port + 1));
    if (!wellFormed || !(bracketed ? isAddress(host, port) : isName(host, port))) {
      throw new Refused(400, "the Host header is no host name with an optional port");
    }
  }

  /** A target that is a whole URL says the host too, and both have to say the same. */
  private static void checkAuthority(RequestHead head) throws Refused {
    String target = head.target();
    String host = head.header(HeaderName.HOST);
    if (target.startsWith("/") || target.equals("*")) {
      return;
    }
    int start = target.indexOf("://") + 3;
    int end = start;
    while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
      end++;
    }
    if (start == end) {
      throw new Refused(400, "the request target is a URL without a host");
    }
    if (host != null && !target.substring(start, end).equalsIgnoreCase(host)) {
      throw new Refused(400, "the Host header and the request target name different hosts");
    }
  }

  private static int portSeparator(String host) {
    int colon = host.indexOf(':');
    return colon < 0 ? host.length() : colon;
  }

  private static boolean isPort(String host, int from) {
    for (int i = from; i < host.length(); i++) {
      if (host.charAt(i) < '0' || host.charAt(i) > '9') {
        return false;
      }
    }
    return host.length() - from <= 5;
  }

  /** Characters of a registered name or of an IPv4 address (RFC 3986, 3.2.2). */
  private static boolean isName(String host, int end) {
    for (int i = 0; i < end; i++) {
      char c = host.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && !(c >= '0' && c <= '9') && "-._~%!$&'()*+,;=".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  /** Characters of an IPv6 address in brackets, which has two colons at least. */
  private static boolean isAddress(String host, int end) {
    int colons = 0;
    for (int i = 1; i < end - 1; i++) {
      char c = host.charAt(i);
      if (Character.digit(c, 16) < 0 && c != ':' && c != '.') {
        return false;
      }
      colons += c == ':' ? 1 : 0;
    }
    return colons >= 2;
  }

  private static void checkLength(RequestHead head) throws Refused {
    if (head.occurrences(HeaderName.CONTENT_LENGTH) > 1) {
      throw new Refused(400, "a request has at most one Content-Length");
    }
    String length = head.header(HeaderName.CONTENT_LENGTH);
    if (length != null && !isDigits(length)) {
      throw new Refused(400, "Content-Length is not a number");
    }
  }

  private static boolean isDigits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return !text.isEmpty() && text.length() <= 18;
  }
}
