package dev.sluice.server.http;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.AsciiString;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/** Turns Netty's requests into heads, and refuses what is not HTTP; one for each IO thread. */
final class RequestParts {

  private final int mostHeaders;

  private static final int MOST_SPELLINGS = 2 * HeaderName.MOST;

  /** Names as clients spell them; bounded, because clients could invent any number. */
  private final Map<AsciiString, HeaderName> spellings = new HashMap<>();

  RequestParts(HttpLimits limits) {
    mostHeaders = limits.headers();
  }

  /** A request that is refused, with the status to answer. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;

    Refused(int status, String reason) {
      super(reason, null, false, false);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  RequestHead head(HttpRequest request) throws Refused {
    checkDecoded(request.decoderResult());
    HttpVersion version = request.protocolVersion();
    boolean eleven = version.equals(HttpVersion.HTTP_1_1);
    if (!eleven && !version.equals(HttpVersion.HTTP_1_0)) {
      throw new Refused(505, "HTTP/1.1 and HTTP/1.0 are spoken here");
    }
    String method = request.method().name();
    if (method.equals("CONNECT")) {
      throw new Refused(501, "CONNECT is not implemented");
    }
    RequestHead head = new RequestHead(method, request.uri(), version.text());
    copyHeaders(request.headers(), head);
    checkTarget(head.target(), method);
    checkHost(head, eleven);
    checkAuthority(head);
    checkFraming(head, eleven);
    return head;
  }

  static void checkDecoded(DecoderResult result) throws Refused {
    if (result.isSuccess()) {
      return;
    }
    Throwable cause = result.cause();
    if (cause instanceof TooLongHttpLineException) {
      throw new Refused(414, "the request line is too long");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      throw new Refused(431, "the headers are too large");
    }
    if (cause instanceof TooLongFrameException) {
      throw new Refused(413, "a part of the request is too large");
    }
    throw new Refused(400, "the request is malformed");
  }

  private void copyHeaders(HttpHeaders headers, RequestHead head) throws Refused {
    if (headers.size() > mostHeaders) {
      throw new Refused(431, "a request has at most " + mostHeaders + " headers here");
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> all = headers.iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = all.next();
      head.add(name(header.getKey()), header.getValue().toString());
    }
  }

  private HeaderName name(CharSequence spelling) {
    if (!(spelling instanceof AsciiString ascii)) {
      return HeaderName.of(spelling.toString());
    }
    HeaderName known = spellings.get(ascii);
    if (known == null) {
      known = HeaderName.of(ascii.toString());
      if (spellings.size() < MOST_SPELLINGS) {
        spellings.put(ascii, known);
      }
    }
    return known;
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

  private static void checkHost(RequestHead head, boolean eleven) throws Refused {
    int hosts = head.occurrences(HeaderName.HOST);
    if (hosts > 1 || (eleven && hosts == 0)) {
      throw new Refused(400, "a request has exactly one Host header");
    }
    String host = head.header(HeaderName.HOST);
    if (host == null) {
      return;
    }
    int port = host.startsWith("[") ? host.indexOf(']') + 1 : portSeparator(host);
    boolean wellFormed =
        host.startsWith("[") == (host.indexOf(']') >= 0)
            && (port == host.length() || (host.charAt(port) == ':' && isPort(host, port + 1)));
    for (int i = 0; i < port; i++) {
      wellFormed &= isHostCharacter(host.charAt(i), host.startsWith("["));
    }
    if (!wellFormed) {
      throw new Refused(400, "the Host header is no host name with an optional port");
    }
  }

  /** A target that is a whole URL says the host too, and both have to say the same. */
  private static void checkAuthority(RequestHead head) throws Refused {
    String target = head.target();
    String host = head.header(HeaderName.HOST);
    if (target.startsWith("/") || target.equals("*") || host == null) {
      return;
    }
    int start = target.indexOf("://") + 3;
    int end = start;
    while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
      end++;
    }
    if (!target.substring(start, end).equalsIgnoreCase(host)) {
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

  private static boolean isHostCharacter(char c, boolean bracketed) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-._~%!$&'()*+,;=".indexOf(c) >= 0
        || (bracketed && "[]:".indexOf(c) >= 0);
  }

  /** Whatever two servers could read as two different requests is refused. */
  private static void checkFraming(RequestHead head, boolean eleven) throws Refused {
    int encodings = head.occurrences(HeaderName.TRANSFER_ENCODING);
    int lengths = head.occurrences(HeaderName.CONTENT_LENGTH);
    if (encodings > 0) {
      String encoding = head.header(HeaderName.TRANSFER_ENCODING);
      if (!eleven || encodings > 1 || lengths > 0 || !"chunked".equalsIgnoreCase(encoding)) {
        throw new Refused(400, "only Transfer-Encoding: chunked is understood, and only alone");
      }
    }
    if (lengths > 1) {
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
