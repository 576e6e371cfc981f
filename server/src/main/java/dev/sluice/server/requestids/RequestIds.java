package dev.sluice.server.requestids;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * Names requests; used by the IO threads, each with its own requests.
 *
 * <p>The name travels in the request's head, as its only X-Request-ID: there the access log finds
 * it, and the application too, as {@code HTTP_X_REQUEST_ID}, where middleware looks for it. It is
 * the one that a trusted proxy has given, if that is well-formed, else one of our own: 32
 * hexadecimal digits, half of them random and the process's, half the request's number, enciphered
 * so that nobody can count requests by their names. No two requests of a process have the same; two
 * processes do not either, but by a chance of one in 2^64.
 */
public final class RequestIds {
  /** How long a proxy's name may be, in characters. */
  public static final int LONGEST = 128;

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
  private static final byte[] LOWER = "x-request-id:".getBytes(StandardCharsets.ISO_8859_1);

  private final byte[] process = new byte[16];
  private final long secret;

  /** Draws the process's part. */
  public RequestIds() {
    this(new SecureRandom());
  }

  private RequestIds(SecureRandom random) {
    this(random.nextLong(), random.nextLong());
  }

  RequestIds(long processPart, long secret) {
    hex(processPart, process, 0);
    this.secret = secret;
  }

  /**
   * Sees to it that the head has exactly one X-Request-ID. Costs about 50 ns and a string of 32
   * characters, where one is made.
   *
   * @param trusted whether whoever is connected may give names
   * @param number {@link dev.sluice.server.exchange.Exchange#number}
   * @return the request's name
   */
  public String assign(RequestHead head, boolean trusted, long number) {
    head.setNamed();
    String given = head.header(HeaderName.X_REQUEST_ID);
    if (given != null) {
      if (trusted && isWellFormed(given) && head.occurrences(HeaderName.X_REQUEST_ID) == 1) {
        return given;
      }
      head.remove(HeaderName.X_REQUEST_ID);
    }
    String made = make(number);
    head.add(HeaderName.X_REQUEST_ID, made);
    return made;
  }

  private String make(long number) {
    byte[] text = new byte[32];
    System.arraycopy(process, 0, text, 0, 16);
    hex(encipher(number + secret), text, 16);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** One to one (each step can be undone), so that different numbers stay different. */
  private static long encipher(long number) {
    long mixed = (number ^ number >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  private static void hex(long value, byte[] target, int from) {
    for (int i = 0; i < 16; i++) {
      target[from + i] = HEX[(int) (value >>> (60 - 4 * i)) & 0xf];
    }
  }

  private static boolean isWellFormed(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && !(c >= '0' && c <= '9') && TOKEN_MARKS.indexOf(c) < 0) {
        return false;
      }
    }
    return !name.isEmpty() && name.length() <= LONGEST;
  }

  /**
   * The response's head with the request's name, unless it has no name of ours, or the application
   * has added one; a copy, since heads of files are used by many requests.
   */
  public static ResponseHead answer(RequestHead request, ResponseHead response) {
    String name = request.isNamed() ? request.header(HeaderName.X_REQUEST_ID) : null;
    if (name == null || isAnswered(response)) {
      return response;
    }
    ResponseHead answer = response.copy();
    answer.header("X-Request-ID", name);
    return answer;
  }

  private static boolean isAnswered(ResponseHead response) {
    byte[] bytes = response.bytes();
    int last = response.length() - LOWER.length;
    for (int i = 0; i <= last; i++) {
      if ((i == 0 || bytes[i - 1] == '\n') && (bytes[i] | 0x20) == 'x' && isOurs(bytes, i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOurs(byte[] bytes, int from) {
    for (int i = 0; i < LOWER.length; i++) {
      byte c = bytes[from + i];
      byte lower = c >= 'A' && c <= 'Z' ? (byte) (c + 32) : c;
      if (lower != LOWER[i]) {
        return false;
      }
    }
    return true;
  }
}
