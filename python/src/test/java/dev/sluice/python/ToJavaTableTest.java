package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
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
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What each row of the table says of a Python object in Java. */
@Timeout(60)
class ToJavaTableTest extends ConversionTable {
  @Test
  void eachRowIsTrue() throws IOException {
    rows.put(
        "`boolean`",
        () -> {
          from("True", boolean.class, true);
          never("1", boolean.class, Boolean.class);
        });
    rows.put(
        "`byte`, `short`, `int`, `long`, `BigInteger`",
        () -> {
          from("7", byte.class, (byte) 7);
          from("7", Short.class, (short) 7);
          from("Index()", int.class, 7);
          from("True", long.class, 1L);
          from("2**64", BigInteger.class, BigInteger.TWO.pow(64));
          never("7.0", int.class, long.class, BigInteger.class);
        });
    rows.put(
        "`double`, `float`",
        () -> {
          from("1", double.class, 1.0);
          from("decimal.Decimal('0.1')", float.class, 0.1f);
          never("'1'", double.class, float.class);
        });
    rows.put(
        "`BigDecimal`",
        () -> {
          from("decimal.Decimal('1.10')", BigDecimal.class, new BigDecimal("1.10"));
          from("3", BigDecimal.class, new BigDecimal(3));
          never("0.5", BigDecimal.class);
        });
    rows.put(
        "`Complex`",
        () -> {
          from("1j", Complex.class, new Complex(0, 1));
          from("1", Complex.class, new Complex(1, 0));
        });
    rows.put(
        "`Number`",
        () -> {
          from("1", Number.class, 1L);
          from("2**64", Number.class, BigInteger.TWO.pow(64));
          from("decimal.Decimal(1)", Number.class, BigDecimal.ONE);
          from("0.5", Number.class, 0.5);
        });
    rows.put(
        "`String`, `CharSequence`",
        () -> {
          from("'ab'", String.class, "ab");
          from("'ab'", CharSequence.class, "ab");
          never("b'ab'", String.class);
          never("5", String.class);
        });
    rows.put(
        "`char`",
        () -> {
          from("'a'", char.class, 'a');
          never("'ab'", char.class);
          never("chr(0x1f600)", char.class);
        });
    rows.put(
        "`char[]`",
        () -> {
          from("'ab'", char[].class, new char[] {'a', 'b'});
          from("['a', 'b']", char[].class, new char[] {'a', 'b'});
        });
    rows.put(
        "`byte[]`",
        () -> {
          for (String bytes : List.of("b'a'", "bytearray(b'a')", "memoryview(b'a')")) {
            from(bytes, byte[].class, new byte[] {'a'});
          }
          never("'a'", byte[].class);
        });
    timesToJava();
    rows.put("`UUID`", () -> from("uuid.UUID('" + ID + "')", UUID.class, ID));
    rows.put(
        "`Path`",
        () -> {
          from("'a/b'", Path.class, Path.of("a", "b"));
          from("pathlib.PurePosixPath('a/b')", Path.class, Path.of("a", "b"));
        });
    containersToJava();
    objectsToJava();
    check("Python to Java");
  }

  private void timesToJava() {
    rows.put(
        "`LocalDate`",
        () -> {
          from("date(2026, 11, 21)", LocalDate.class, NOON.toLocalDate());
          never("dt(2026, 11, 21)", LocalDate.class);
        });
    rows.put(
        "`LocalTime`, `OffsetTime`",
        () -> {
          from("time(1, 2)", LocalTime.class, LocalTime.of(1, 2));
          from(
              "time(1, 2, tzinfo=timezone.utc)",
              OffsetTime.class,
              LocalTime.of(1, 2).atOffset(ZoneOffset.UTC));
          never("time(1, 2)", OffsetTime.class);
          never("time(1, 2, tzinfo=timezone.utc)", LocalTime.class);
        });
    rows.put(
        "`LocalDateTime`",
        () -> {
          from("dt(2026, 11, 21, 12)", LocalDateTime.class, NOON);
          never("date(2026, 11, 21)", LocalDateTime.class);
        });
    rows.put(
        "`OffsetDateTime`, `ZonedDateTime`, `Instant`",
        () -> {
          String at = "dt(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=2)))";
          from(at, OffsetDateTime.class, AT);
          from(at, Instant.class, AT.toInstant());
          from(at, ZonedDateTime.class, AT.toZonedDateTime());
          from(
              "dt(2026, 11, 21, 12, tzinfo=zoneinfo.ZoneInfo('Asia/Tokyo'))",
              ZonedDateTime.class,
              NOON.atZone(TOKYO));
          never(at, LocalDateTime.class);
          never("dt(2026, 11, 21)", OffsetDateTime.class, ZonedDateTime.class, Instant.class);
        });
    rows.put("`Duration`", () -> from("timedelta(hours=1)", Duration.class, Duration.ofHours(1)));
    rows.put(
        "`ZoneOffset`, `ZoneId`",
        () -> {
          from("timezone.utc", ZoneOffset.class, ZoneOffset.UTC);
          from("timezone.utc", ZoneId.class, ZoneOffset.UTC);
          from("zoneinfo.ZoneInfo('Asia/Tokyo')", ZoneId.class, TOKYO);
        });
  }

  private void containersToJava() {
    rows.put(
        "`List`, `Collection`, `Iterable`, `Set`, arrays",
        () -> {
          from("range(2)", List.class, List.of(0L, 1L));
          from("(1,)", Collection.class, List.of(1L));
          from("(x for x in [1])", Iterable.class, List.of(1L));
          from("[1, 1]", Set.class, Set.of(1L));
          from("{'a'}", String[].class, new String[] {"a"});
          for (String none : List.of("'a'", "b'a'", "{1: 2}", "1")) {
            never(none, List.class, Collection.class, Iterable.class, Set.class, String[].class);
          }
        });
    rows.put(
        "arrays of numbers",
        () -> {
          from("[1, 2]", int[].class, new int[] {1, 2});
          from("array.array('d', [1])", double[].class, new double[] {1});
        });
    rows.put(
        "`Map`",
        () -> {
          from("{'a': None}", Map.class, java.util.Collections.singletonMap("a", null));
          from("types.MappingProxyType({'a': 1})", Map.class, Map.of("a", 1L));
          never("[(1, 2)]", Map.class);
        });
    rows.put(
        "`Iterator`, `Stream`",
        () -> {
          Iterator<?> counted = py.eval("itertools.count()").as(Iterator.class);
          assertThat(Arrays.asList(counted.next(), counted.next())).isEqualTo(List.of(0L, 1L));
          Stream<?> items = py.eval("[1]").as(Stream.class);
          assertThat(items.toList().equals(List.of(1L))).isTrue();
        });
    rows.put(
        "`Optional`, `OptionalInt`, `OptionalLong`, `OptionalDouble`",
        () -> {
          from("None", Optional.class, Optional.empty());
          from("None", OptionalLong.class, OptionalLong.empty());
          from("'a'", Optional.class, Optional.of("a"));
          from("1", OptionalInt.class, OptionalInt.of(1));
          from("1", OptionalDouble.class, OptionalDouble.of(1));
        });
    rows.put(
        "a record",
        () -> {
          for (String point :
              List.of(
                  "{'x': 1, 'from': 2}",
                  "{'x': 1, 'from_': 2}",
                  "[1, 2]",
                  "(1, 2)",
                  "types.SimpleNamespace(x=1, from_=2)")) {
            from(point, Point.class, new Point(1, 2));
          }
          assertThat(py.toPython(new Point(1, 2)).as(Point.class)).isEqualTo(new Point(1, 2));
          never("{'x': 1}", Point.class);
          never("[1]", Point.class);
        });
    rows.put(
        "an enum",
        () -> {
          from("'DAYS'", TimeUnit.class, TimeUnit.DAYS);
          from("Unit.DAYS", TimeUnit.class, TimeUnit.DAYS);
          never("'days'", TimeUnit.class);
          never("1", TimeUnit.class);
        });
  }

  private void objectsToJava() {
    rows.put(
        "the class of a Java object in Python",
        () -> {
          AtomicInteger number = new AtomicInteger();
          assertThat(py.toPython(number).as(AtomicInteger.class)).isSameAs(number);
          never("5", AtomicInteger.class);
        });
    rows.put(
        "`PyObject`, `PyFunction`",
        () -> {
          from("len", PyObject.class, py.eval("len"));
          assertThat(py.eval("len").as(PyFunction.class).callAs(int.class, "abc")).isEqualTo(3);
        });
    rows.put(
        "another interface",
        () -> {
          Named named = py.eval("types.SimpleNamespace(name='Ada')").as(Named.class);
          assertThat(named.name()).isEqualTo("Ada");
        });
    rows.put(
        "`Object`",
        () -> {
          Object[][] natural = {
            {"True", true},
            {"1", 1L},
            {"2**64", BigInteger.TWO.pow(64)},
            {"0.5", 0.5},
            {"1j", new Complex(0, 1)},
            {"'a'", "a"},
            {"bytearray(b'a')", new byte[] {'a'}},
            {"(1, [2])", List.of(1L, List.of(2L))},
            {"{'a': 1}", Map.of("a", 1L)},
            {"frozenset([1])", Set.of(1L)},
            {"date(2026, 11, 21)", NOON.toLocalDate()},
            {"time(1, 2)", LocalTime.of(1, 2)},
            {"dt(2026, 11, 21, 12)", NOON},
            {"dt(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=2)))", AT},
            {"dt(2026, 11, 21, 12, tzinfo=zoneinfo.ZoneInfo('Asia/Tokyo'))", NOON.atZone(TOKYO)},
            {"timedelta(hours=1)", Duration.ofHours(1)},
            {"decimal.Decimal('1.10')", new BigDecimal("1.10")},
            {"uuid.UUID('" + ID + "')", ID},
            {"pathlib.Path('a')", Path.of("a")}
          };
          for (Object[] pair : natural) {
            from((String) pair[0], Object.class, pair[1]);
          }
          assertThat(py.eval("len").as(Object.class)).isInstanceOf(PyObject.class);
        });
  }
}
