package dev.sluice.server.access;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A line that is being put together; belongs to one IO thread, which uses it for all its lines.
 *
 * <p>Whatever a client may have written goes through {@link #text} or {@link #json}: printable
 * ASCII stays, anything else, quotation marks and backslashes are escaped. So a value can end
 * neither its line nor the quotes around it, nor send commands to a terminal.
 */
final class LogLine {
  /** The most characters of one value; the rest becomes three dots. */
  static final int LONGEST_VALUE = 8192;

  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.ISO_8859_1);

  private byte[] bytes = new byte[1024];
  private int length;
  private long startMillis;
  private final LogTime apache = new LogTime(LogTime.Style.APACHE);
  private final LogTime iso = new LogTime(LogTime.Style.ISO);
  private final LogTime plain = new LogTime(LogTime.Style.PLAIN);

  /** Begins a line about a request that came at this time, counted since 1970. */
  void begin(long millis) {
    length = 0;
    startMillis = millis;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  LogLine raw(byte[] text) {
    ensure(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
    return this;
  }

  LogLine raw(char ascii) {
    ensure(1);
    bytes[length++] = (byte) ascii;
    return this;
  }

  /** When the request came, as Apache writes it, without brackets. */
  LogLine apacheTime() {
    return raw(apache.of(Math.floorDiv(startMillis, 1000L)));
  }

  LogLine plainTime() {
    return raw(plain.of(Math.floorDiv(startMillis, 1000L)));
  }

  /** With milliseconds between the time and the offset. */
  LogLine isoTime() {
    byte[] seconds = iso.of(Math.floorDiv(startMillis, 1000L));
    int millis = (int) Math.floorMod(startMillis, 1000L);
    ensure(seconds.length + 4);
    System.arraycopy(seconds, 0, bytes, length, LogTime.ISO_SECONDS);
    length += LogTime.ISO_SECONDS;
    bytes[length++] = '.';
    digits(millis, 3);
    int rest = seconds.length - LogTime.ISO_SECONDS;
    System.arraycopy(seconds, LogTime.ISO_SECONDS, bytes, length, rest);
    length += rest;
    return this;
  }

  LogLine number(long value) {
    if (value < 0) {
      raw('-');
      value = value == Long.MIN_VALUE ? Long.MAX_VALUE : -value;
    }
    int count = 1;
    for (long rest = value / 10; rest > 0; rest /= 10) {
      count++;
    }
    return digits(value, count);
  }

  /** Nanoseconds as a decimal fraction of a unit of so many nanoseconds (a power of ten). */
  LogLine decimal(long nanos, long unit, int places) {
    long scale = 1;
    for (int i = 0; i < places; i++) {
      scale *= 10;
    }
    long rounded = unit > scale ? (nanos + unit / scale / 2) / (unit / scale) : nanos;
    number(rounded / scale);
    if (places > 0) {
      raw('.').digits(rounded % scale, places);
    }
    return this;
  }

  private LogLine digits(long value, int count) {
    ensure(count);
    for (int i = count - 1; i >= 0; i--) {
      bytes[length + i] = (byte) ('0' + value % 10);
      value /= 10;
    }
    length += count;
    return this;
  }

  /** A value for a log of text: what is escaped becomes {@code \xHH}; a dash if there is none. */
  LogLine text(@Nullable String value) {
    return value == null || value.isEmpty() ? raw('-') : text(value, 0, value.length());
  }

  LogLine text(String value, int from, int to) {
    value(value, from, to, false);
    return this;
  }

  /** A string of JSON, or {@code null}. */
  LogLine json(@Nullable String value) {
    if (value == null) {
      return raw(NULL);
    }
    raw('"');
    value(value, 0, value.length(), true);
    return raw('"');
  }

  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  // The deprecated method copies the low bytes and does nothing else, which is what characters that
  // stand for bytes need.
  @SuppressWarnings("deprecation")
  private void value(String value, int from, int to, boolean json) {
    int end = Math.min(to, from + LONGEST_VALUE);
    ensure(end - from);
    value.getBytes(from, end, bytes, length);
    int stop = length + end - from;
    int at = length;
    while (at < stop && isSafe(bytes[at])) {
      at++;
    }
    length = at;
    if (at < stop) {
      for (int i = end - (stop - at); i < end; i++) {
        escaped((byte) value.charAt(i), json);
      }
    }
    if (end < to) {
      raw('.').raw('.').raw('.');
    }
  }

  private static boolean isSafe(byte b) {
    return b >= ' ' && b < 0x7f && b != '"' && b != '\\';
  }

  private void escaped(byte b, boolean json) {
    ensure(6);
    if (isSafe(b)) {
      bytes[length++] = b;
      return;
    }
    bytes[length++] = '\\';
    if (!json) {
      bytes[length++] = 'x';
    } else if (b == '"' || b == '\\') {
      bytes[length++] = b;
      return;
    } else {
      bytes[length++] = 'u';
      bytes[length++] = '0';
      bytes[length++] = '0';
    }
    bytes[length++] = HEX[b >> 4 & 0xf];
    bytes[length++] = HEX[b & 0xf];
  }

  private void ensure(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }
}
