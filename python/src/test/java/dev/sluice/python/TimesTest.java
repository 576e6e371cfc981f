package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dates and times, both ways. */
@Timeout(60)
class TimesTest {
  private final Attached py = EmbeddedPython.main().attach();

  @AfterEach
  void detach() {
    py.close();
  }

  static Stream<Object> values() {
    LocalDateTime local = LocalDateTime.of(2024, 2, 29, 23, 59, 59, 999_999_000);
    ZoneOffset odd = ZoneOffset.ofHoursMinutesSeconds(-5, -30, -15);
    return Stream.of(
        LocalDate.of(1, 1, 1),
        LocalDate.of(9999, 12, 31),
        LocalTime.MIDNIGHT,
        LocalTime.of(23, 59, 59, 999_999_000),
        OffsetTime.of(1, 2, 3, 4000, ZoneOffset.ofHours(-18)),
        local,
        LocalDateTime.of(1, 1, 1, 0, 0),
        OffsetDateTime.of(local, ZoneOffset.UTC),
        OffsetDateTime.of(local, odd),
        Duration.ZERO,
        Duration.ofNanos(-1000),
        Duration.ofDays(-999_999_999),
        Duration.ofDays(999_999_999).plusSeconds(86_399).plusNanos(999_999_000));
  }

  @ParameterizedTest
  @MethodSource("values")
  void carries(Object value) {
    PyObject object = py.toPython(value);
    assertThat(object.as(value.getClass())).isEqualTo(value);
    assertThat(object.as(Object.class)).isEqualTo(value);
  }

  @Test
  void carriesInstants() {
    Instant instant = Instant.parse("2024-02-29T12:00:00.000001Z");
    assertThat(py.toPython(instant).toString()).isEqualTo("2024-02-29 12:00:00.000001+00:00");
    assertThat(py.toPython(instant).as(Instant.class)).isEqualTo(instant);
    OffsetDateTime elsewhere = instant.atOffset(ZoneOffset.ofHours(9));
    assertThat(py.toPython(elsewhere).as(Instant.class)).isEqualTo(instant);
  }

  @Test
  void cutsNanosecondsTowardsThePast() {
    assertThat(py.toPython(Duration.ofNanos(1999)).as(Duration.class))
        .isEqualTo(Duration.ofNanos(1000));
    assertThat(py.toPython(Duration.ofNanos(-1)).as(Duration.class))
        .isEqualTo(Duration.ofNanos(-1000));
    assertThat(py.toPython(LocalTime.of(0, 0, 0, 1999)).as(LocalTime.class))
        .isEqualTo(LocalTime.of(0, 0, 0, 1000));
    assertThat(py.toPython(Instant.ofEpochSecond(-1, 1999)).as(Instant.class))
        .isEqualTo(Instant.ofEpochSecond(-1, 1000));
  }

  @Test
  void refusesWhatPythonCannotSay() {
    assertThatThrownBy(() -> py.toPython(LocalDate.of(10_000, 1, 1)))
        .hasMessageContaining("ValueError");
    assertThatThrownBy(() -> py.toPython(LocalDate.of(0, 1, 1))).hasMessageContaining("ValueError");
    assertThatThrownBy(() -> py.toPython(Duration.ofDays(1_000_000_000)))
        .hasMessageContaining("OverflowError");
    assertThatThrownBy(() -> py.toPython(Duration.ofSeconds(Long.MAX_VALUE)))
        .hasMessageContaining("OverflowError");
  }

  @Test
  void inventsAndDropsNothing() {
    py.exec("import datetime as d");
    PyObject naive = py.eval("d.datetime(2024, 1, 1)");
    PyObject aware = py.eval("d.datetime(2024, 1, 1, tzinfo=d.timezone.utc)");
    for (Class<?> type : new Class<?>[] {Instant.class, OffsetDateTime.class, LocalDate.class}) {
      assertThatThrownBy(() -> naive.as(type)).isInstanceOf(ClassCastException.class);
    }
    assertThatThrownBy(() -> aware.as(LocalDateTime.class)).isInstanceOf(ClassCastException.class);
    assertThatThrownBy(() -> py.eval("d.time(1)").as(OffsetTime.class))
        .isInstanceOf(ClassCastException.class);
    assertThatThrownBy(() -> py.eval("1").as(Duration.class))
        .isInstanceOf(ClassCastException.class);
    assertThatThrownBy(() ->
            py.eval("d.datetime(2024, 1, 1, tzinfo=d.timezone(d.timedelta(microseconds=1)))")
                .as(Instant.class))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void carriesZonesByNameAndBothHoursOfAnOverlap() {
    assumeZones();
    ZoneId zone = ZoneId.of("Europe/Berlin");
    ZonedDateTime first = ZonedDateTime.of(2024, 10, 27, 2, 30, 0, 0, zone);
    ZonedDateTime second = first.withLaterOffsetAtOverlap();
    assertThat(second).isNotEqualTo(first);
    for (ZonedDateTime at : new ZonedDateTime[] {first, second}) {
      assertThat(py.toPython(at).as(ZonedDateTime.class)).isEqualTo(at);
      assertThat(py.toPython(at).as(Object.class)).isEqualTo(at);
      assertThat(py.toPython(at).as(Instant.class)).isEqualTo(at.toInstant());
      assertThat(py.toPython(at).attr("tzinfo").attr("key").as(String.class))
          .isEqualTo("Europe/Berlin");
    }
    ZonedDateTime fixed = first.withFixedOffsetZone();
    assertThat(py.toPython(fixed).as(ZonedDateTime.class)).isEqualTo(fixed);
  }

  private void assumeZones() {
    try {
      py.importModule("zoneinfo").callMethod("ZoneInfo", "Europe/Berlin").close();
    } catch (PythonException e) {
      Assumptions.abort("this machine has no database of time zones: " + e.getMessage());
    }
  }

  @Test
  void carriesZones() {
    assumeZones();
    py.exec("import datetime, zoneinfo");
    ZoneId zone = ZoneId.of("Europe/Berlin");
    assertThat(py.toPython(zone).as(ZoneId.class)).isEqualTo(zone);
    assertThat(py.eval("zoneinfo.ZoneInfo('Asia/Tokyo')").as(ZoneId.class))
        .isEqualTo(ZoneId.of("Asia/Tokyo"));
    assertThat(py.toPython(ZoneOffset.ofHours(-3)).as(ZoneId.class))
        .isEqualTo(ZoneOffset.ofHours(-3));
    assertThat(py.eval("datetime.timezone.utc").as(ZoneOffset.class)).isEqualTo(ZoneOffset.UTC);
    for (String none : List.of("zoneinfo.ZoneInfo('UTC')", "'UTC'", "datetime.date.today()")) {
      assertThatThrownBy(() -> py.eval(none).as(ZoneOffset.class))
          .isInstanceOf(ClassCastException.class);
    }
    assertThatThrownBy(() -> py.eval("'UTC'").as(ZoneId.class))
        .isInstanceOf(ClassCastException.class);
    assertThatThrownBy(
            () -> py.eval("datetime.timezone(datetime.timedelta(hours=23))").as(ZoneId.class))
        .isInstanceOf(ArithmeticException.class);
  }
}
