package dev.sluice.server.proxies;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address; immutable, any thread. No name is ever looked up.
 *
 * <p>An IPv4 address is kept as IPv6 writes it (::ffff:a.b.c.d), so that both spellings of it are
 * one address.
 *
 * @param high the first 64 bits
 * @param low the last 64 bits
 */
public record IpAddress(long high, long low) {
  private static final long MAPPED = 0xffffL;
  private static final int LONGEST = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".length();

  /** Reads an address as RFC 4291 and dotted decimals have it; null if it is none. */
  public static @Nullable IpAddress parse(String text) {
    return parse(text, 0, text.length());
  }

  static @Nullable IpAddress parse(String text, int from, int to) {
    if (to <= from || to - from > LONGEST) {
      return null;
    }
    int colon = text.indexOf(':', from);
    if (colon >= 0 && colon < to) {
      return parseSix(text, from, to);
    }
    long four = parseFour(text, from, to);
    return four < 0 ? null : new IpAddress(0, MAPPED << 32 | four);
  }

  /** Four decimals without leading zeros, which some would read as octal; -1 if it is not that. */
  private static long parseFour(String text, int from, int to) {
    long address = 0;
    int at = from;
    for (int part = 0; part < 4; part++) {
      if (part > 0 && (at >= to || text.charAt(at++) != '.')) {
        return -1;
      }
      int start = at;
      int value = 0;
      while (at < to && isDigit(text.charAt(at)) && at - start < 3) {
        value = value * 10 + text.charAt(at++) - '0';
      }
      boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
      if (at == start || leadingZero || value > 255) {
        return -1;
      }
      address = address << 8 | value;
    }
    return at == to ? address : -1;
  }

  private static @Nullable IpAddress parseSix(String text, int from, int to) {
    int[] groups = new int[8];
    int count = 0;
    int gap = -1; // how many groups stand before "::"
    int at = from;
    if (text.startsWith("::", from) && to - from >= 2) {
      gap = 0;
      at += 2;
    }
    while (at < to) {
      if (count == 8) {
        return null;
      }
      int end = at;
      int value = 0;
      while (end < to && end - at < 4 && hexDigit(text.charAt(end)) >= 0) {
        value = value << 4 | hexDigit(text.charAt(end++));
      }
      if (end < to && text.charAt(end) == '.') {
        long four = count > 6 ? -1 : parseFour(text, at, to);
        if (four < 0) {
          return null;
        }
        groups[count++] = (int) (four >>> 16);
        groups[count++] = (int) (four & 0xffff);
        break;
      }
      if (end == at) {
        return null;
      }
      groups[count++] = value;
      at = end;
      if (at == to) {
        break;
      }
      if (text.charAt(at++) != ':' || at == to) {
        return null;
      }
      if (text.charAt(at) == ':') {
        if (gap >= 0) {
          return null;
        }
        gap = count;
        at++;
      }
    }
    if (gap < 0 ? count < 8 : count > 7) {
      return null;
    }
    if (gap >= 0) {
      int behind = count - gap;
      System.arraycopy(groups, gap, groups, 8 - behind, behind);
      Arrays.fill(groups, gap, 8 - behind, 0);
    }
    return new IpAddress(join(groups, 0), join(groups, 4));
  }

  private static long join(int[] groups, int from) {
    return (long) groups[from] << 48
        | (long) groups[from + 1] << 32
        | (long) groups[from + 2] << 16
        | groups[from + 3];
  }

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Only ASCII: {@link Character#digit} takes the digits of all scripts. */
  private static int hexDigit(char c) {
    if (isDigit(c)) {
      return c - '0';
    }
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' && c < 0x80 ? lower - 'a' + 10 : -1;
  }

  /** Whether it is an IPv4 address, in either spelling. */
  public boolean isFour() {
    return high == 0 && low >>> 32 == MAPPED;
  }

  /** The one spelling that everybody should use: dotted decimals, or RFC 5952. */
  public String text() {
    if (isFour()) {
      return (low >>> 24 & 0xff)
          + "."
          + (low >>> 16 & 0xff)
          + "."
          + (low >>> 8 & 0xff)
          + "."
          + (low & 0xff);
    }
    int zeros = 0;
    int zerosAt = -1;
    for (int i = 0; i < 8; i++) {
      int run = i;
      while (run < 8 && group(run) == 0) {
        run++;
      }
      if (run - i > Math.max(1, zeros)) {
        zeros = run - i;
        zerosAt = i;
      }
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == zerosAt) {
        text.append("::");
        i += zeros - 1;
      } else {
        if (i > 0 && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(group(i)));
      }
    }
    return text.toString();
  }

  private int group(int index) {
    return (int) ((index < 4 ? high : low) >>> (48 - 16 * (index % 4))) & 0xffff;
  }
}
