package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;

/**
 * A table of docs/conversions.md, on the test's thread: each row has its examples in a test, and no
 * example lacks a row.
 */
abstract class ConversionTable {
  static final ZoneId TOKYO = ZoneId.of("Asia/Tokyo");
  static final LocalDateTime NOON = LocalDateTime.of(2026, 11, 21, 12, 0);
  static final OffsetDateTime AT = NOON.atOffset(ZoneOffset.ofHours(2));
  static final UUID ID = UUID.fromString("00000000-0000-0000-8000-0000000000ff");

  final Attached py = EmbeddedPython.main().attach();

  /** By the first column, what is tried. */
  final Map<String, Runnable> rows = new LinkedHashMap<>();

  record Point(int x, int from) {}

  /** A typed proxy. */
  public interface Named {
    String name();
  }

  @BeforeEach
  void define() {
    py.exec(
        """
        import array, datetime, decimal, enum, itertools, pathlib, types, uuid
        from datetime import date, time, timedelta, timezone
        from datetime import datetime as dt
        import zoneinfo
        class Index:
            def __index__(self): return 7
        class Unit(enum.Enum): DAYS = 1
        """);
    try {
      py.eval("zoneinfo.ZoneInfo('Asia/Tokyo')").close();
    } catch (PythonException e) {
      Assumptions.abort("this machine has no database of time zones: " + e.getMessage());
    }
  }

  @AfterEach
  void detach() {
    py.close();
  }

  /** Tries each row of the table under the heading. */
  final void check(String heading) throws IOException {
    List<String> lines =
        Files.readAllLines(Path.of(System.getProperty("sluice.project"), "docs/conversions.md"));
    List<String> documented =
        lines.stream()
            .skip(lines.indexOf("## " + heading))
            .dropWhile(line -> !line.startsWith("|"))
            .takeWhile(line -> line.startsWith("|"))
            .skip(2)
            .map(line -> line.substring(1, line.indexOf('|', 1)).strip())
            .toList();
    assertThat(documented).containsExactlyElementsOf(rows.keySet());
    rows.forEach((row, examples) -> {
      try {
        examples.run();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("the row " + row, e);
      }
    });
  }

  /** A Java value that has to be of the type in Python, and shown as the text. */
  final void to(@Nullable Object value, String type, String repr) {
    PyObject object = py.toPython(value);
    assertThat(object.type().attr("__name__").as(String.class)).isEqualTo(type);
    assertThat(object.repr()).isEqualTo(repr);
  }

  /** A Java value that stays what it is. */
  final void itself(Object value) {
    PyObject object = py.toPython(value);
    assertThat(object.as(value.getClass())).isSameAs(value);
    assertThat(object.type().type().attr("__name__").as(String.class)).isEqualTo("JavaType");
  }

  /** A Python value that has to be equal to the one of Java. */
  final void from(String expression, Class<?> type, Object value) {
    assertThat(py.eval(expression).as((Class<?>) type)).isEqualTo(value);
  }

  final void never(String expression, Class<?>... types) {
    for (Class<?> type : types) {
      assertThatThrownBy(() -> py.eval(expression).as(type)).isInstanceOf(ClassCastException.class);
    }
  }
}
