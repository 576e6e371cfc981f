package dev.sluice.server.http.websocket;

/** Something for which the socket is ended, with the code to say so. */
final class Failure extends Exception {
  static final int PROTOCOL = 1002;
  static final int INCONSISTENT = 1007;
  static final int TOO_LARGE = 1009;

  private static final long serialVersionUID = 1L;
  private final int code;

  Failure(int code, String reason) {
    super(reason, null, false, false);
    this.code = code;
  }

  static Failure protocol(String reason) {
    return new Failure(PROTOCOL, reason);
  }

  static Failure notUtf8() {
    return new Failure(INCONSISTENT, "a text is not UTF-8");
  }

  int code() {
    return code;
  }

  /** Why, in words for the client: ASCII, 123 characters at most. */
  String reason() {
    return String.valueOf(getMessage());
  }
}
