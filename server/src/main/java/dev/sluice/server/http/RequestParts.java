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
  static final HeaderName HOST = HeaderName.of("host");
  static final HeaderName CONNECTION = HeaderName.of("connection");
  static final HeaderName EXPECT = HeaderName.of("expect");
  static final HeaderName CONTENT_LENGTH = HeaderName.of("content-length");
  static final HeaderName TRANSFER_ENCODING = HeaderName.of("transfer-encoding");

  private static final int MOST_SPELLINGS = 2 * HeaderName.MOST;

  /** Names as clients spell them; bounded, because clients could invent any number. */
  private final Map<AsciiString, HeaderName> spellings = new HashMap<>();

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

  private void copyHeaders(HttpHeaders headers, RequestHead head) {
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
    int hosts = head.occurrences(HOST);
    if (hosts > 1 || (eleven && hosts == 0)) {
      throw new Refused(400, "a request has exactly one Host header");
    }
    String host = head.header(HOST);
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
    int encodings = head.occurrences(TRANSFER_ENCODING);
    int lengths = head.occurrences(CONTENT_LENGTH);
    if (encodings > 0) {
      String encoding = head.header(TRANSFER_ENCODING);
      if (!eleven || encodings > 1 || lengths > 0 || !"chunked".equalsIgnoreCase(encoding)) {
        throw new Refused(400, "only Transfer-Encoding: chunked is understood, and only alone");
      }
    }
    if (lengths > 1) {
      throw new Refused(400, "a request has at most one Content-Length");
    }
    String length = head.header(CONTENT_LENGTH);
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
