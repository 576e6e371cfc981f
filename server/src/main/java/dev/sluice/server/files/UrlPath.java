package dev.sluice.server.files;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The path of a request target, decoded once and strictly; no state, any thread.
 *
 * <p>What one system could read in another way than the next is no path here: malformed or double
 * meaning escapes, {@code %2F}, backslashes, control characters, and bytes that are not UTF-8.
 */
final class UrlPath {
  private static final String UNESCAPED = "!$&'()*+,-./:;=@_~";

  private UrlPath() {}

  /**
   * The decoded path of a target such as {@code /a%20b?c=d} or {@code http://host/a}. Takes linear
   * time, and makes no copy of a path that has neither escapes nor a query.
   *
   * @param target its characters stand for bytes (ISO 8859-1)
   * @return a text that begins with a slash, or null if it is refused
   */
  static @Nullable String decode(String target) {
    int start = start(target);
    if (start < 0) {
      return null;
    }
    boolean plain = true;
    int end = start;
    for (; end < target.length(); end++) {
      char c = target.charAt(end);
      if (c == '?') {
        break;
      }
      if (c < ' ' || c == '\\' || c == 0x7f || c == '#' || c > 0xff) {
        return null;
      }
      plain &= c != '%' && c < 0x80;
    }
    return plain ? target.substring(start, end) : decode(target, start, end);
  }

  /** The path as it was sent, and whatever follows it; an empty string if there is none. */
  static String raw(String target) {
    int start = start(target);
    return start < 0 ? "" : target.substring(start);
  }

  /** Where the path begins, or -1 if the target has none. */
  private static int start(String target) {
    if (target.startsWith("/")) {
      return 0;
    }
    boolean url =
        target.regionMatches(true, 0, "http://", 0, 7)
            || target.regionMatches(true, 0, "https://", 0, 8);
    return url ? target.indexOf('/', target.indexOf("://") + 3) : -1;
  }

  private static @Nullable String decode(String target, int start, int end) {
    byte[] bytes = new byte[end - start];
    int length = 0;
    for (int i = start; i < end; i++) {
      int value = target.charAt(i);
      if (value == '%') {
        if (i + 2 >= end) {
          return null;
        }
        value = digit(target.charAt(i + 1)) << 4 | digit(target.charAt(i + 2));
        i += 2;
        if (value < ' ' || value == '/' || value == '\\' || value == 0x7f) {
          return null; // a negative value is a malformed escape
        }
      }
      bytes[length++] = (byte) value;
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes, 0, length))
              .toString();
      for (int i = 0; i < text.length(); i++) {
        if (Character.isISOControl(text.charAt(i))) {
          return null;
        }
      }
      return text;
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** The value of a hexadecimal digit, or a negative number that stays negative when shifted. */
  private static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' && c < 0x80 ? lower - 'a' + 10 : -1;
  }

  /**
   * The target's query with its question mark, or an empty string; also if it is no plain ASCII.
   */
  static String query(String target) {
    int mark = target.indexOf('?');
    if (mark < 0) {
      return "";
    }
    for (int i = mark; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c >= 0x7f) {
        return "";
      }
    }
    return target.substring(mark);
  }

  /** The opposite of {@link #decode}: a path for a Location header. */
  static String encode(String path) {
    StringBuilder out = new StringBuilder(path.length() + 16);
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      int c = b & 0xff;
      if ((c >= '0' && c <= '9')
          || (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c < 0x80 && UNESCAPED.indexOf(c) >= 0)) {
        out.append((char) c);
      } else {
        out.append('%');
        out.append(Character.toUpperCase(Character.forDigit(c >> 4, 16)));
        out.append(Character.toUpperCase(Character.forDigit(c & 0xf, 16)));
      }
    }
    return out.toString();
  }
}
