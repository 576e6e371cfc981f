package dev.sluice.server.http.connection;

/** A request that is refused, with the status to answer. */
public final class Refused extends Exception {
  private static final long serialVersionUID = 1L;
  private final int status;

  public Refused(int status, String reason) {
    super(reason, null, false, false);
    this.status = status;
  }

  public int status() {
    return status;
  }

  /** Why, in words for the client. */
  public String reason() {
    String message = getMessage();
    return message == null ? "" : message;
  }

  public static Refused tooLarge(HttpLimits limits) {
    return new Refused(
        413, "the body is larger than the " + limits.requestBody() + " bytes allowed here");
  }
}
