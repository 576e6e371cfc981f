package dev.sluice.server.http.h2;

import static io.netty.handler.codec.http2.Http2Error.PROTOCOL_ERROR;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Refused;
import dev.sluice.server.http.connection.RequestChecks;
import io.netty.handler.codec.http2.Http2Exception;
import org.jspecify.annotations.Nullable;

/**
 * Turns the fields of a request into its head; no state, on the IO thread. What is malformed is a
 * stream error, what is well-formed and still not served is refused with a status.
 */
final class Http2Heads {
  private final HttpLimits limits;
  private final boolean extendedConnect;

  /**
   * Makes heads within these limits.
   *
   * @param extendedConnect whether clients were told that they may ask for other protocols
   */
  Http2Heads(HttpLimits limits, boolean extendedConnect) {
    this.limits = limits;
    this.extendedConnect = extendedConnect;
  }

  RequestHead head(int stream, RequestFields fields) throws Http2Exception, Refused {
    String method = fields.requestMethod();
    if (method == null || !isToken(method)) {
      throw malformed(stream, "a request has one :method, which is a token");
    }
    boolean connect = method.equals("CONNECT");
    if (fields.requestProtocol() != null && !(connect && extendedConnect)) {
      throw malformed(stream, ":protocol is not enabled here");
    }
    String path = fields.requestPath();
    if (connect && fields.requestProtocol() == null) {
      refuseConnect(stream, fields);
    }
    if (path == null || path.isEmpty() || fields.requestScheme() == null) {
      throw malformed(stream, "a request has a :scheme and a :path that is not empty");
    }
    if (fields.hasTooMany()) {
      throw new Refused(431, "a request has at most " + limits.headers() + " headers here");
    }
    if (method.length() + path.length() > limits.requestLine()) {
      throw new Refused(414, "the path is too long");
    }
    checkTarget(fields.requestScheme(), path, method);
    RequestHead head = new RequestHead(method, path, "HTTP/2");
    addHost(head, fields);
    copyFields(fields, head);
    RequestChecks.check(head, true);
    return head;
  }

  private static Http2Exception malformed(int stream, String why) {
    return Http2Exception.streamError(stream, PROTOCOL_ERROR, why);
  }

  private static void refuseConnect(int stream, RequestFields fields)
      throws Http2Exception, Refused {
    boolean wellFormed =
        fields.requestAuthority() != null
            && fields.requestPath() == null
            && fields.requestScheme() == null;
    if (!wellFormed) {
      throw malformed(stream, "CONNECT has an :authority, and neither :scheme nor :path");
    }
    throw new Refused(501, "CONNECT is not implemented");
  }

  private static void checkTarget(@Nullable String scheme, String path, String method)
      throws Refused {
    if (!"http".equalsIgnoreCase(scheme) && !"https".equalsIgnoreCase(scheme)) {
      throw new Refused(400, "the scheme is neither http nor https");
    }
    if (!path.startsWith("/") && !(path.equals("*") && method.equals("OPTIONS"))) {
      throw new Refused(400, "the request target is no path");
    }
  }

  /** The authority stands for the Host header; where both are sent they have to agree. */
  private static void addHost(RequestHead head, RequestFields fields) throws Refused {
    String authority = fields.requestAuthority();
    if (authority == null) {
      return;
    }
    head.add(HeaderName.HOST, authority);
    int hosts = 0;
    for (int i = 0; i < fields.fieldCount(); i++) {
      if (fields.fieldName(i) == HeaderName.HOST) {
        hosts++;
        if (hosts > 1 || !fields.fieldValue(i).equalsIgnoreCase(authority)) {
          throw new Refused(400, "the Host header and :authority name different hosts");
        }
      }
    }
  }

  /** Copies all but a Host that :authority has said already; cookies become one header. */
  private static void copyFields(RequestFields fields, RequestHead head) {
    boolean hostKnown = fields.requestAuthority() != null;
    boolean cookieSeen = false;
    for (int i = 0; i < fields.fieldCount(); i++) {
      HeaderName name = fields.fieldName(i);
      if (name == HeaderName.COOKIE) {
        if (!cookieSeen) {
          head.add(name, joinedCookies(fields, i));
        }
        cookieSeen = true;
      } else if (!(name == HeaderName.HOST && hostKnown)) {
        head.add(name, fields.fieldValue(i));
      }
    }
  }

  private static String joinedCookies(RequestFields fields, int first) {
    StringBuilder joined = null;
    for (int i = first + 1; i < fields.fieldCount(); i++) {
      if (fields.fieldName(i) == HeaderName.COOKIE) {
        joined = joined == null ? new StringBuilder(fields.fieldValue(first)) : joined;
        joined.append("; ").append(fields.fieldValue(i));
      }
    }
    return joined == null ? fields.fieldValue(first) : joined.toString();
  }

  private static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean good =
          (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
      if (!good) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /** How many bytes the body has: -1 if that is not said beforehand, 0 without one. */
  long bodyLength(int stream, RequestHead head, boolean endsHere) throws Http2Exception, Refused {
    String length = head.header(HeaderName.CONTENT_LENGTH);
    long declared = length == null ? -1 : Long.parseLong(length);
    if (endsHere) {
      if (declared > 0) {
        throw malformed(stream, "the body that content-length speaks of is missing");
      }
      return 0;
    }
    if (declared > limits.requestBody()) {
      throw Refused.tooLarge(limits);
    }
    return declared;
  }

  /** Whether the client waits for leave to send the body. */
  static boolean expectsContinue(RequestHead head) throws Refused {
    String expectation = head.header(HeaderName.EXPECT);
    if (expectation == null) {
      return false;
    }
    if (!expectation.equalsIgnoreCase("100-continue")) {
      throw new Refused(417, "only 100-continue can be expected");
    }
    return true;
  }
}
