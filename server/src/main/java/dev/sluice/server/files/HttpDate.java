package dev.sluice.server.files;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** Dates of HTTP (RFC 9110, 5.6.7), in seconds since 1970; no state, any thread. */
final class HttpDate {
  /** What is returned for a text that is no date. */
  static final long NONE = Long.MIN_VALUE;

  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH);
  private static final List<String> MONTHS =
      List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
  private static final List<String> DAYS =
      List.of(
          "Mon",
          "Tue",
          "Wed",
          "Thu",
          "Fri",
          "Sat",
          "Sun",
          "Monday",
          "Tuesday",
          "Wednesday",
          "Thursday",
          "Friday",
          "Saturday",
          "Sunday");
  private static final int LONGEST = 40;

  private HttpDate() {}

  static String format(long seconds) {
    return FORMAT.format(LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC));
  }

  /**
   * Reads a date in any of the three forms that a server has to understand; the day of the week is
   * not checked against the date.
   */
  static long parse(String text) {
    if (text.length() > LONGEST) {
      return NONE;
    }
    String[] words = text.split("[ ]+", -1);
    try {
      if (words.length == 6 && words[0].endsWith(",") && words[5].equals("GMT")) {
        return of(words[0], words[1], words[2], number(words[3], 4), words[4]);
      }
      if (words.length == 4 && words[0].endsWith(",") && words[3].equals("GMT")) {
        String[] parts = words[1].split("-", -1);
        return parts.length == 3
            ? of(words[0], parts[0], parts[1], fullYear(number(parts[2], 2)), words[2])
            : NONE;
      }
      if (words.length == 5) {
        String day = words[2].length() == 1 ? "0" + words[2] : words[2];
        return of(words[0] + ",", day, words[1], number(words[4], 4), words[3]);
      }
      return NONE;
    } catch (DateTimeException e) {
      return NONE;
    }
  }

  private static long of(String weekday, String day, String month, int year, String time) {
    String[] parts = time.split(":", -1);
    if (parts.length != 3
        || !DAYS.contains(weekday.substring(0, weekday.length() - 1))
        || !MONTHS.contains(month)) {
      return NONE;
    }
    int second = number(parts[2], 2);
    return LocalDateTime.of(
            year,
            MONTHS.indexOf(month) + 1,
            number(day, 2),
            number(parts[0], 2),
            number(parts[1], 2),
            Math.min(second, second == 60 ? 59 : second)) // a leap second
        .toEpochSecond(ZoneOffset.UTC);
  }

  /** A year of two digits that would lie more than 50 years ahead is one of the past. */
  private static int fullYear(int two) {
    int now = ZonedDateTime.now(ZoneOffset.UTC).getYear();
    int year = now - now % 100 + two;
    return year > now + 50 ? year - 100 : year;
  }

  private static int number(String text, int digits) {
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        throw new DateTimeException("no number");
      }
      value = value * 10 + (c - '0');
    }
    if (text.length() != digits) {
      throw new DateTimeException("a number of another length");
    }
    return value;
  }
}
