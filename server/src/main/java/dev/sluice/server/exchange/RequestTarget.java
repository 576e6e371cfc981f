package dev.sluice.server.exchange;

/** The parts of a request's target; no state, any thread. */
public final class RequestTarget {
  private RequestTarget() {}

  /** Where the path begins: behind the authority, if the target is a whole URL. */
  public static int pathStart(String target) {
    if (target.startsWith("/") || target.equals("*")) {
      return 0;
    }
    int authority = target.indexOf("://") + 3;
    for (int i = authority; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c == '/' || c == '?') {
        return i;
      }
    }
    return target.length();
  }

  /** Where the path ends: before the query, if there is one. */
  public static int pathEnd(String target, int start) {
    int question = target.indexOf('?', start);
    return question < 0 ? target.length() : question;
  }
}
