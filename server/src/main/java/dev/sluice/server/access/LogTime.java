package dev.sluice.server.access;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Arrays;

/**
 * Writes times, each second of the last few once; belongs to one IO thread. Requests that end
 * together began in different seconds, so one second would not be enough.
 */
final class LogTime {
  /** How a time is written. */
  enum Style {
    /** {@code 21/Nov/2026:22:14:51 +0000}. */
    APACHE,
    /** {@code 2026-11-21T22:14:51+00:00}. */
    ISO,
    /** {@code 2026-11-21 22:14:51 +0000}. */
    PLAIN
  }

  /** Where the offset begins in {@link Style#ISO}. */
  static final int ISO_SECONDS = "2026-11-21T22:14:51".length();

  private static final int KEPT = 16;

  private static final String[] MONTHS = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
  };

  private final Style style;
  private final ZoneId zone;
  private final long[] seconds = new long[KEPT];
  private final byte[][] texts = new byte[KEPT][0];

  LogTime(Style style) {
    this(style, ZoneId.systemDefault());
  }

  LogTime(Style style, ZoneId zone) {
    this.style = style;
    this.zone = zone;
    Arrays.fill(seconds, Long.MIN_VALUE);
  }

  /** The text of a second since 1970; not to be changed. */
  byte[] of(long second) {
    int slot = (int) (second & (KEPT - 1));
    if (seconds[slot] != second) {
      texts[slot] = write(second).getBytes(StandardCharsets.ISO_8859_1);
      seconds[slot] = second;
    }
    return texts[slot];
  }

  private String write(long second) {
    ZonedDateTime time = Instant.ofEpochSecond(second).atZone(zone);
    int minutes = time.getOffset().getTotalSeconds() / 60;
    String sign = minutes < 0 ? "-" : "+";
    int ahead = Math.abs(minutes);
    String clock = "%02d:%02d:%02d".formatted(time.getHour(), time.getMinute(), time.getSecond());
    String date =
        "%04d-%02d-%02d".formatted(time.getYear(), time.getMonthValue(), time.getDayOfMonth());
    return switch (style) {
      case APACHE ->
          "%02d/%s/%04d:%s %s%02d%02d"
              .formatted(
                  time.getDayOfMonth(),
                  MONTHS[time.getMonthValue() - 1],
                  time.getYear(),
                  clock,
                  sign,
                  ahead / 60,
                  ahead % 60);
      case ISO -> "%sT%s%s%02d:%02d".formatted(date, clock, sign, ahead / 60, ahead % 60);
      case PLAIN -> "%s %s %s%02d%02d".formatted(date, clock, sign, ahead / 60, ahead % 60);
    };
  }
}
