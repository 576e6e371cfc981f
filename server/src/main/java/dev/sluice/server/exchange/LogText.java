package dev.sluice.server.exchange;

/** Makes what a client sent fit for a log line: no control characters, no endless lengths. */
public final class LogText {
  private static final int MOST = 200;

  private LogText() {}

  public static String of(String text) {
    StringBuilder safe = new StringBuilder(Math.min(text.length(), MOST) + 3);
    for (int i = 0; i < text.length() && i < MOST; i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == 0x7f || (c >= 0x80 && c < 0xa0)) {
        safe.append("\\x").append(Character.forDigit(c >> 4, 16));
        safe.append(Character.forDigit(c & 0xf, 16));
      } else {
        safe.append(c);
      }
    }
    return text.length() > MOST ? safe.append("...").toString() : safe.toString();
  }
}
