package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What each row of the table says of a Java value in Python. */
@Timeout(60)
class ToPythonTableTest extends ConversionTable {
  @Test
  void eachRowIsTrue() throws IOException {
    rows.put("`null`", () -> to(null, "NoneType", "None"));
    rows.put(
        "`Optional`, `OptionalInt`, `OptionalLong`, `OptionalDouble`",
        () -> {
          to(Optional.empty(), "NoneType", "None");
          to(OptionalDouble.empty(), "NoneType", "None");
          to(Optional.of("a"), "str", "'a'");
          to(OptionalInt.of(1), "int", "1");
          to(OptionalLong.of(2), "int", "2");
          to(OptionalDouble.of(2), "float", "2.0");
        });
    rows.put("`boolean`", () -> to(true, "bool", "True"));
    rows.put(
        "`byte`, `short`, `int`, `long`, `BigInteger`",
        () -> {
          for (Object one : new Object[] {(byte) 1, (short) 1, 1, 1L, BigInteger.ONE}) {
            to(one, "int", "1");
          }
        });
    rows.put(
        "`float`, `double`",
        () -> {
          to(0.5f, "float", "0.5");
          to(0.1, "float", "0.1");
        });
    rows.put("`BigDecimal`", () -> to(new BigDecimal("1.10"), "Decimal", "Decimal('1.10')"));
    rows.put("`Complex`", () -> to(new Complex(1, 2), "complex", "(1+2j)"));
    rows.put(
        "`CharSequence`, `char`, `char[]`",
        () -> {
          for (Object text :
              new Object[] {
                "a", 'a', new char[] {'a'}, CharBuffer.allocate(1).put(0, 'a'), CharBuffer.wrap("a")
              }) {
            to(text, "str", "'a'");
          }
        });
    rows.put("an enum constant", () -> to(DayOfWeek.MONDAY, "str", "'MONDAY'"));
    rows.put("`byte[]`", () -> to(new byte[] {1}, "bytes", "b'\\x01'"));
    times();
    rows.put("`UUID`", () -> to(ID, "UUID", "UUID('" + ID + "')"));
    rows.put("`Path`", () -> to(Path.of("a"), "PosixPath", "PosixPath('a')"));
    rows.put(
        "`Map`",
        () -> {
          Map<Object, Object> map = new LinkedHashMap<>();
          map.put("b", 1);
          map.put("a", null);
          to(map, "dict", "{'b': 1, 'a': None}");
        });
    rows.put("`Set`", () -> to(new TreeSet<>(Set.of(1)), "set", "{1}"));
    rows.put(
        "other `Iterable`s, `Iterator`, `Stream`, `IntStream` and the like",
        () -> {
          for (Object items :
              new Object[] {
                List.of(1),
                new ArrayDeque<>(List.of(1)),
                List.of(1).iterator(),
                Stream.of(1),
                IntStream.of(1)
              }) {
            to(items, "list", "[1]");
          }
        });
    rows.put(
        "arrays but `byte[]` and `char[]`",
        () -> {
          for (Object items :
              new Object[] {new int[] {1}, new long[] {1}, new short[] {1}, new Object[] {1}}) {
            to(items, "list", "[1]");
          }
          to(new double[] {1}, "list", "[1.0]");
          to(new float[] {1}, "list", "[1.0]");
          to(new boolean[1], "list", "[False]");
          to(new String[][] {{"a"}, {}}, "list", "[['a'], []]");
        });
    rows.put("a record", () -> to(new Point(1, 2), "Point", "Point(x=1, from_=2)"));
    others();
    check("Java to Python");
  }

  private void times() {
    rows.put("`LocalDate`", () -> to(NOON.toLocalDate(), "date", "datetime.date(2026, 11, 21)"));
    rows.put(
        "`LocalTime`, `OffsetTime`",
        () -> {
          to(LocalTime.of(1, 2), "time", "datetime.time(1, 2)");
          to(
              LocalTime.of(1, 2).atOffset(ZoneOffset.UTC),
              "time",
              "datetime.time(1, 2, tzinfo=datetime.timezone.utc)");
        });
    String noon = "datetime.datetime(2026, 11, 21, 12, 0";
    rows.put("`LocalDateTime`", () -> to(NOON, "datetime", noon + ")"));
    rows.put(
        "`OffsetDateTime`, `ZonedDateTime`, `Instant`",
        () -> {
          String utc = noon + ", tzinfo=datetime.timezone.utc)";
          to(NOON.atOffset(ZoneOffset.UTC), "datetime", utc);
          to(NOON.toInstant(ZoneOffset.UTC), "datetime", utc);
          to(
              NOON.atZone(TOKYO),
              "datetime",
              noon + ", tzinfo=zoneinfo.ZoneInfo(key='Asia/Tokyo'))");
        });
    rows.put(
        "`Duration`",
        () -> to(Duration.ofHours(1), "timedelta", "datetime.timedelta(seconds=3600)"));
    rows.put(
        "`ZoneOffset`, `ZoneId`",
        () -> {
          to(ZoneOffset.UTC, "timezone", "datetime.timezone.utc");
          to(ZoneId.of("UTC"), "timezone", "datetime.timezone.utc");
          to(TOKYO, "ZoneInfo", "zoneinfo.ZoneInfo(key='Asia/Tokyo')");
        });
  }

  private void others() {
    rows.put(
        "a direct `Buffer`, `SharedMemory`",
        () -> {
          ByteBuffer direct = ByteBuffer.allocateDirect(2).put(1, (byte) 5);
          PyObject list = py.eval("lambda x: memoryview(x).tolist()");
          assertThat(list.call(direct).repr()).isEqualTo("[0, 5]");
          try (SharedMemory shared = SharedMemory.of(py, direct)) {
            assertThat(list.call(shared).repr()).isEqualTo("[0, 5]");
          }
        });
    rows.put(
        "`PyObject`, `PyFunction`, a typed proxy",
        () -> {
          PyObject object = py.eval("types.SimpleNamespace(name='Ada')");
          for (Object same : new Object[] {object, object.function(), object.as(Named.class)}) {
            assertThat(py.toPython(same)).isEqualTo(object);
          }
        });
    rows.put(
        "a functional interface",
        () -> {
          IntUnaryOperator twice = x -> 2 * x;
          itself(twice);
          assertThat(py.toPython(twice).call(4).as(int.class)).isEqualTo(8);
        });
    rows.put(
        "a `Throwable`",
        () -> {
          IOException exception = new IOException("why");
          itself(exception);
          py.exec("def raise_(e): raise e");
          assertThatThrownBy(() -> py.eval("raise_").call(exception)).isSameAs(exception);
        });
    rows.put(
        "anything else, as `Period`, `MemorySegment`, `AtomicInteger`, `Class`",
        () -> {
          for (Object value :
              new Object[] {
                Period.ofDays(1),
                java.lang.foreign.Arena.ofAuto().allocate(1),
                new AtomicInteger(),
                URI.create("a:b")
              }) {
            itself(value);
          }
          assertThat(py.toPython(String.class).as(Class.class)).isSameAs(String.class);
        });
  }
}
