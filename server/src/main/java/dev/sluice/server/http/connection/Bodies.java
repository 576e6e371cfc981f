package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.RequestHead;

/** Chooses how a body is received; on the IO thread. */
public final class Bodies {
  private Bodies() {}

  /**
   * The body of a request: collected before the handler is asked, or read while it arrives if the
   * client waits for leave to send it, or if the server's mode says so.
   *
   * @param length what was declared: -1 if nothing was, 0 without a body
   * @param allowance of the connection
   */
  public static IncomingBody of(
      RequestHead head,
      long length,
      boolean expectsContinue,
      Serving serving,
      BodyAllowance allowance,
      BodySource source) {
    if (length == 0) {
      return new EmptyBody(source);
    }
    HttpLimits limits = serving.limits();
    return expectsContinue || serving.bodies().of(head.target()).streams(length, limits)
        ? new BodyStream(source, length)
        : new BodyCollector(limits.bodyInMemory(), allowance, source);
  }
}
