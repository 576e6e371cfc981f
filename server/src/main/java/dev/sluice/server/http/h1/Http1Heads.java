package dev.sluice.server.http.h1;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.http.connection.HeaderNames;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Refused;
import dev.sluice.server.http.connection.RequestChecks;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Iterator;
import java.util.Map;

/** Turns Netty's requests into heads, and refuses what is not HTTP; on the IO thread. */
final class Http1Heads {
  private final HeaderNames names;
  private final int mostHeaders;

  Http1Heads(HeaderNames names, HttpLimits limits) {
    this.names = names;
    mostHeaders = limits.headers();
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
    RequestChecks.check(head, eleven);
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

  /** The same for a part of the body. */
  static void checkContent(DecoderResult result) throws Refused {
    if (result.cause() instanceof TooLongHttpLineException) {
      throw new Refused(400, "the line with the size of a chunk is too long");
    }
    checkDecoded(result);
  }

  private void copyHeaders(HttpHeaders headers, RequestHead head) throws Refused {
    if (headers.size() > mostHeaders) {
      throw new Refused(431, "a request has at most " + mostHeaders + " headers here");
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> all = headers.iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = all.next();
      head.add(names.of(header.getKey()), header.getValue().toString());
    }
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
  }
}
