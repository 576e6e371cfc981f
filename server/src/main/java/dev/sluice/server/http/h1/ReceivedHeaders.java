package dev.sluice.server.http.h1;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;

/**
 * The headers of a request as they were received. Netty's decoder would leave only the first of the
 * lengths of a request of HTTP/1.0, and nobody could see any more that it had others. On the
 * connection's IO thread.
 */
final class ReceivedHeaders extends DefaultHttpHeaders {
  static final HttpHeadersFactory FACTORY =
      new HttpHeadersFactory() {
        @Override
        public HttpHeaders newHeaders() {
          return new ReceivedHeaders();
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
          return DefaultHttpHeadersFactory.headersFactory().newEmptyHeaders();
        }
      };

  @Override
  public HttpHeaders set(CharSequence name, Object value) {
    return HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)
        ? this
        : super.set(name, value);
  }
}
