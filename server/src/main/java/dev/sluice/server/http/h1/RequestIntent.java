package dev.sluice.server.http.h1;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Refused;

/**
 * What a head says about the rest of the request and about the connection; no state.
 *
 * @param length how many bytes the body has: -1 if that is not said beforehand, 0 without one
 * @param expectsContinue whether the client waits for leave to send it
 * @param keepAlive whether the client wants to keep the connection
 */
record RequestIntent(long length, boolean expectsContinue, boolean keepAlive) {
  static RequestIntent of(RequestHead head, HttpLimits limits) throws Refused {
    String length = head.header(HeaderName.CONTENT_LENGTH);
    boolean chunked = head.header(HeaderName.TRANSFER_ENCODING) != null;
    if (length != null && Long.parseLong(length) > limits.requestBody()) {
      throw Refused.tooLarge(limits);
    }
    boolean hasBody = chunked || (length != null && Long.parseLong(length) > 0);
    long declared = chunked ? -1 : hasBody ? Long.parseLong(String.valueOf(length)) : 0;
    boolean expects = expectsContinue(head);
    return new RequestIntent(declared, expects && hasBody, wantsKeepAlive(head));
  }

  private static boolean expectsContinue(RequestHead head) throws Refused {
    String expectation = head.header(HeaderName.EXPECT);
    if (expectation == null || head.protocol().equals("HTTP/1.0")) {
      return false;
    }
    if (!expectation.equalsIgnoreCase("100-continue")) {
      throw new Refused(417, "only 100-continue can be expected");
    }
    return true;
  }

  private static boolean wantsKeepAlive(RequestHead head) {
    boolean keep = head.protocol().equals("HTTP/1.1");
    for (int i = 0; i < head.headerCount(); i++) {
      if (head.headerName(i) == HeaderName.CONNECTION) {
        for (String option : head.headerValue(i).split(",", -1)) {
          if (option.strip().equalsIgnoreCase("close")) {
            return false;
          }
          keep |= option.strip().equalsIgnoreCase("keep-alive");
        }
      }
    }
    return keep;
  }
}
