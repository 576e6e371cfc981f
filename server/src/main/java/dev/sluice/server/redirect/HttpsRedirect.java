package dev.sluice.server.redirect;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests that came by plain HTTP with 308 and the same URL in HTTPS; immutable, any
 * thread, never blocks.
 *
 * <p>Nobody is sent to a host that we have no certificate for: whoever could choose the Host header
 * would choose where others are sent, if a cache keeps the answer. Requests below {@code
 * /.well-known/acme-challenge/} are passed on, since certificates are renewed by them, and so are
 * those that a trusted proxy says came by HTTPS.
 */
public final class HttpsRedirect {
  private static final String ACME = "/.well-known/acme-challenge/";
  private static final int STANDARD_PORT = 443;
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final int port;
  private final Predicate<String> hosts;

  /**
   * Sends clients to a port.
   *
   * @param port of HTTPS as clients reach it; 443 is not written
   * @param hosts whether a host (no port; an IPv6 address in brackets) may be sent to; such as
   *     {@code tls::covers}
   */
  public HttpsRedirect(int port, Predicate<String> hosts) {
    this.port = port;
    this.hosts = hosts;
  }

  /** What is passed on goes to another handler. */
  public RequestHandler before(RequestHandler next) {
    return exchange -> accept(exchange, next);
  }

  private boolean accept(Exchange exchange, RequestHandler next) {
    RequestHead request = exchange.request();
    String path = path(request.target());
    if (exchange.peer().scheme().equals("https") || isChallenge(path)) {
      return next.accept(exchange);
    }
    String host = host(request.header(HeaderName.HOST));
    if (path.isEmpty()) {
      answer(exchange, 400, "Bad Request", null, "This cannot be asked for by HTTPS.\n");
    } else if (host.isEmpty() || !hosts.test(host)) {
      answer(exchange, 400, "Bad Request", null, "This host is not served by HTTPS here.\n");
    } else {
      String url = "https://" + host + (port == STANDARD_PORT ? "" : ":" + port) + encode(path);
      answer(exchange, 308, "Permanent Redirect", url, "Use HTTPS.\n");
    }
    return true;
  }

  /** Not what leaves the folder again, by dots or their encodings. */
  private static boolean isChallenge(String path) {
    return path.startsWith(ACME) && path.indexOf("..") < 0 && path.indexOf('%') < 0;
  }

  /** The target without scheme and host; empty for one that has no path ({@code *}). */
  private static String path(String target) {
    if (target.startsWith("/")) {
      return target;
    }
    int scheme = target.indexOf("://");
    if (scheme < 0) {
      return "";
    }
    for (int i = scheme + 3; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c == '/' || c == '?') {
        return (c == '?' ? "/" : "") + target.substring(i);
      }
    }
    return "/";
  }

  /** The Host header without its port. Its form has been checked with the request. */
  private static String host(@Nullable String header) {
    if (header == null) {
      return "";
    }
    int end = header.startsWith("[") ? header.indexOf(']') + 1 : header.indexOf(':');
    return end < 0 ? header : header.substring(0, end);
  }

  /** What no URL may have is escaped; escapes that are there stay as they are. */
  private static String encode(String path) {
    StringBuilder encoded = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i); // stands for a byte
      if (c <= ' ' || c >= 0x7f || "\"<>\\^`{|}".indexOf(c) >= 0) {
        encoded.append('%').append(HEX.toHexDigits((byte) c));
      } else {
        encoded.append(c);
      }
    }
    return encoded.toString();
  }

  private static void answer(
      Exchange exchange, int status, String reason, @Nullable String location, String why) {
    byte[] text = why.getBytes(StandardCharsets.US_ASCII);
    ResponseHead head = new ResponseHead();
    head.reset(status, reason);
    if (location != null) {
      head.header("Location", location);
    }
    head.header("Content-Type", "text/plain; charset=utf-8");
    head.header("Content-Length", Integer.toString(text.length));
    head.declareContentLength(text.length);
    exchange.respond(head, ByteBuffer.wrap(text));
  }
}
