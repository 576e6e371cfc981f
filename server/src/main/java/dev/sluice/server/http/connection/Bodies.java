package dev.sluice.server.http.connection;

/** Chooses how a body is received; on the IO thread. */
public final class Bodies {
  private Bodies() {}

  /**
   * The body of a request: collected before the handler is asked, or read while it arrives if the
   * client waits for leave to send it, or if it is large and the server is told so.
   *
   * @param length what was declared: -1 if nothing was, 0 without a body
   * @param allowance of the connection
   */
  public static IncomingBody of(
      long length,
      boolean expectsContinue,
      Serving serving,
      BodyAllowance allowance,
      BodySource source) {
    if (length == 0) {
      return BodyCollector.EMPTY;
    }
    int inMemory = serving.limits().bodyInMemory();
    boolean large = length < 0 || length > inMemory;
    return expectsContinue || (serving.streamsBodies() && large)
        ? new BodyStream(source, length)
        : new BodyCollector(inMemory, allowance, source);
  }
}
