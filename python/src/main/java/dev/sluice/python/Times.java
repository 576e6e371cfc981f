package dev.sluice.python;

import static dev.sluice.python.Names.Imported.DATE;
import static dev.sluice.python.Names.Imported.DATETIME;
import static dev.sluice.python.Names.Imported.TIME;
import static dev.sluice.python.Names.Imported.TIMEDELTA;
import static dev.sluice.python.Names.Imported.TIMEZONE;
import static dev.sluice.python.Names.Imported.ZONE_INFO;

import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;

/**
 * Dates and times that cross, on an attached thread.
 *
 * <p>Python counts microseconds: what is finer is cut off, towards the past. A zone's name becomes
 * a ZoneInfo, an offset a timezone, an Instant a datetime in UTC. What Python has without a zone is
 * a Local type in Java and the other way; neither a zone nor a time of day is ever invented or
 * dropped, but an exception.
 */
final class Times {
  /** The time that a zone with one offset is asked for: any. */
  private static final @Nullable Object[] NOW = {null};

  private Times() {}

  static long toPython(Interpreter interpreter, LocalDate date) {
    return Calls.make(
        interpreter, DATE, date.getYear(), date.getMonthValue(), date.getDayOfMonth());
  }

  static long toPython(Interpreter interpreter, LocalTime time, @Nullable ZoneOffset offset) {
    return Calls.make(
        interpreter,
        TIME,
        time.getHour(),
        time.getMinute(),
        time.getSecond(),
        time.getNano() / 1000,
        offset);
  }

  static long toPython(Interpreter interpreter, LocalDateTime local, @Nullable ZoneId zone) {
    return toPython(interpreter, local, zone, false);
  }

  static long toPython(Interpreter interpreter, ZonedDateTime zoned) {
    boolean later = !zoned.equals(zoned.withEarlierOffsetAtOverlap());
    return toPython(interpreter, zoned.toLocalDateTime(), zoned.getZone(), later);
  }

  private static long toPython(
      Interpreter interpreter, LocalDateTime local, @Nullable ZoneId zone, boolean later) {
    return Calls.make(
        interpreter,
        DATETIME,
        local.getYear(),
        local.getMonthValue(),
        local.getDayOfMonth(),
        local.getHour(),
        local.getMinute(),
        local.getSecond(),
        local.getNano() / 1000,
        zone,
        Keywords.of("fold", later ? 1 : 0));
  }

  static long toPython(Interpreter interpreter, ZoneId zone) {
    return zone.normalized() instanceof ZoneOffset offset
        ? Calls.make(interpreter, TIMEZONE, Duration.ofSeconds(offset.getTotalSeconds()))
        : Calls.make(interpreter, ZONE_INFO, zone.getId());
  }

  static long toPython(Interpreter interpreter, Duration duration) {
    return Calls.make(interpreter, TIMEDELTA, 0, duration.getSeconds(), duration.getNano() / 1000);
  }

  static LocalDate toLocalDate(Interpreter interpreter, long object) {
    Names names = interpreter.names();
    if (!names.is(object, DATE) || names.is(object, DATETIME)) {
      throw Conversions.noValue(object, LocalDate.class);
    }
    return date(interpreter, object);
  }

  static LocalTime toLocalTime(Interpreter interpreter, long object) {
    if (!interpreter.names().is(object, TIME) || offset(interpreter, object) != null) {
      throw Conversions.noValue(object, LocalTime.class);
    }
    return time(interpreter, object);
  }

  static OffsetTime toOffsetTime(Interpreter interpreter, long object) {
    ZoneOffset offset = interpreter.names().is(object, TIME) ? offset(interpreter, object) : null;
    if (offset == null) {
      throw Conversions.noValue(object, OffsetTime.class);
    }
    return time(interpreter, object).atOffset(offset);
  }

  static LocalDateTime toLocalDateTime(Interpreter interpreter, long object) {
    if (!interpreter.names().is(object, DATETIME) || offset(interpreter, object) != null) {
      throw Conversions.noValue(object, LocalDateTime.class);
    }
    return dateTime(interpreter, object);
  }

  static OffsetDateTime toOffsetDateTime(Interpreter interpreter, long object) {
    return toOffsetDateTime(interpreter, object, OffsetDateTime.class);
  }

  static Instant toInstant(Interpreter interpreter, long object) {
    return toOffsetDateTime(interpreter, object, Instant.class).toInstant();
  }

  private static OffsetDateTime toOffsetDateTime(
      Interpreter interpreter, long object, Class<?> type) {
    ZoneOffset offset =
        interpreter.names().is(object, DATETIME) ? offset(interpreter, object) : null;
    if (offset == null) {
      throw Conversions.noValue(object, type);
    }
    return dateTime(interpreter, object).atOffset(offset);
  }

  static ZonedDateTime toZonedDateTime(Interpreter interpreter, long object) {
    OffsetDateTime at = toOffsetDateTime(interpreter, object, ZonedDateTime.class);
    long zone = Calls.attribute(interpreter, object, "tzinfo");
    try {
      ZoneId id = toZoneId(interpreter, zone);
      return id == null
          ? at.toZonedDateTime()
          : ZonedDateTime.ofLocal(at.toLocalDateTime(), id, at.getOffset());
    } finally {
      ObjectApi.decRef(zone);
    }
  }

  /** The name of a ZoneInfo; null for any other tzinfo. */
  private static @Nullable ZoneId toZoneId(Interpreter interpreter, long zone) {
    if (!interpreter.names().is(zone, ZONE_INFO)) {
      return null;
    }
    long key = Calls.attribute(interpreter, zone, "key");
    try {
      return ObjectApi.is(key, UnicodeApi.TYPE) ? ZoneId.of(UnicodeApi.toString(key)) : null;
    } finally {
      ObjectApi.decRef(key);
    }
  }

  /** The zone of a ZoneInfo that has a name, or of a timezone, which is an offset. */
  static ZoneId toZone(Interpreter interpreter, long object, Class<?> type) {
    ZoneId zone = type == ZoneOffset.class ? null : toZoneId(interpreter, object);
    if (zone != null) {
      return zone;
    }
    ZoneOffset offset =
        interpreter.names().is(object, TIMEZONE)
            ? toOffset(interpreter, Calls.invoke(interpreter, object, "utcoffset", NOW))
            : null;
    if (offset == null) {
      throw Conversions.noValue(object, type);
    }
    return offset;
  }

  static Duration toDuration(Interpreter interpreter, long object) {
    if (!interpreter.names().is(object, TIMEDELTA)) {
      throw Conversions.noValue(object, Duration.class);
    }
    return Duration.ofDays(field(interpreter, object, "days"))
        .plusSeconds(field(interpreter, object, "seconds"))
        .plusNanos(field(interpreter, object, "microseconds") * 1000);
  }

  /** The java.time value that says the same, or null if the object is of none of these types. */
  static @Nullable Object natural(Interpreter interpreter, long object) {
    Names names = interpreter.names();
    if (names.is(object, DATETIME)) {
      return offset(interpreter, object) == null
          ? dateTime(interpreter, object)
          : aware(toZonedDateTime(interpreter, object));
    }
    if (names.is(object, DATE)) {
      return date(interpreter, object);
    }
    if (names.is(object, TIME)) {
      ZoneOffset offset = offset(interpreter, object);
      LocalTime time = time(interpreter, object);
      return offset == null ? time : time.atOffset(offset);
    }
    return names.is(object, TIMEDELTA) ? toDuration(interpreter, object) : null;
  }

  private static Object aware(ZonedDateTime at) {
    return at.getZone() instanceof ZoneOffset ? at.toOffsetDateTime() : at;
  }

  private static LocalDate date(Interpreter interpreter, long object) {
    return LocalDate.of(
        (int) field(interpreter, object, "year"),
        (int) field(interpreter, object, "month"),
        (int) field(interpreter, object, "day"));
  }

  private static LocalTime time(Interpreter interpreter, long object) {
    return LocalTime.of(
        (int) field(interpreter, object, "hour"),
        (int) field(interpreter, object, "minute"),
        (int) field(interpreter, object, "second"),
        (int) field(interpreter, object, "microsecond") * 1000);
  }

  private static LocalDateTime dateTime(Interpreter interpreter, long object) {
    return LocalDateTime.of(date(interpreter, object), time(interpreter, object));
  }

  /** What {@code utcoffset()} says; null if it says None. */
  private static @Nullable ZoneOffset offset(Interpreter interpreter, long object) {
    return toOffset(interpreter, Calls.invoke(interpreter, object, "utcoffset"));
  }

  /** Of a new reference to a timedelta, which is released; null for None. */
  private static @Nullable ZoneOffset toOffset(Interpreter interpreter, long delta) {
    try {
      if (delta == ObjectApi.NONE) {
        return null;
      }
      Duration offset = toDuration(interpreter, delta);
      long seconds = offset.getSeconds();
      if (offset.getNano() != 0 || Math.abs(seconds) > ZoneOffset.MAX.getTotalSeconds()) {
        throw new ArithmeticException(
            "an offset of %s from UTC has no value in java.time".formatted(offset));
      }
      return ZoneOffset.ofTotalSeconds((int) seconds);
    } finally {
      ObjectApi.decRef(delta);
    }
  }

  private static long field(Interpreter interpreter, long object, String name) {
    long value = Calls.attribute(interpreter, object, name);
    try {
      return Numbers.toLong(interpreter, value, int.class);
    } finally {
      ObjectApi.decRef(value);
    }
  }
}
