package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Containers, arrays, records and enums, both ways. */
@Timeout(60)
class ContainersTest {
  private final Attached py = EmbeddedPython.main().attach();

  @AfterEach
  void detach() {
    py.close();
  }

  record Point(int x, int y) {}

  record Shape(String name, List<Point> points, Optional<TimeUnit> unit) {}

  record Picky(int n) {
    Picky {
      if (n < 0) {
        throw new IllegalArgumentException("negative");
      }
    }
  }

  @Test
  void carriesContainersToPython() {
    assertThat(py.toPython(List.of(1, "a", List.of())).repr()).isEqualTo("[1, 'a', []]");
    assertThat(py.toPython(new LinkedHashSet<>(List.of(1))).repr()).isEqualTo("{1}");
    assertThat(py.toPython(Set.of()).repr()).isEqualTo("set()");
    assertThat(py.toPython(Map.of("k", Arrays.asList(1, null))).repr())
        .isEqualTo("{'k': [1, None]}");
    assertThat(py.toPython(Stream.of(1, 2)).repr()).isEqualTo("[1, 2]");
    assertThat(py.toPython(IntStream.range(0, 3)).repr()).isEqualTo("[0, 1, 2]");
    assertThat(py.toPython(List.of(1).iterator()).repr()).isEqualTo("[1]");
    assertThat(py.toPython(TimeUnit.DAYS).repr()).isEqualTo("'DAYS'");
    assertThatThrownBy(() -> py.toPython(Set.of(List.of(1)))).hasMessageContaining("unhashable");
    assertThatThrownBy(() -> py.toPython(Map.of(List.of(), 1))).hasMessageContaining("unhashable");
  }

  @Test
  void refusesKeysThatAreOneInPython() {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put("other", 0);
    map.put(1, "int");
    map.put(2.5, "double");
    assertThat(py.toPython(map).length()).isEqualTo(3);
    for (Object another : new Object[] {1L, 1.0, true, (short) 1, BigInteger.ONE}) {
      Map<Object, Object> two = new LinkedHashMap<>(map);
      two.put(another, "again");
      assertThatThrownBy(() -> py.toPython(two))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 (Integer) and " + another)
          .hasMessageContaining("(" + another.getClass().getSimpleName() + ") are one in Python");
    }
    assertThatThrownBy(() -> py.toPython(Map.of(TimeUnit.DAYS, 1, "DAYS", 2)))
        .hasMessageContaining("DAYS (TimeUnit)")
        .hasMessageContaining("DAYS (String)");
    assertThatThrownBy(() -> py.toPython(new LinkedHashSet<>(List.of(1, 1L))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 (Integer) and 1 (Long)");
    // The same the other way round.
    assertThatThrownBy(() -> py.eval("{0.1: 1, 0.1 + 1e-12: 2}").asMap(Float.class, Long.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.1 as java.lang.Float");
  }

  record Words(int from, String _id, int class_, Optional<String> None, int __) {}

  record Same(int _a, int a_) {}

  @Test
  void findsComponentsThatPythonCannotName() {
    Words words = new Words(1, "i", 3, Optional.empty(), 5);
    PyObject tuple = py.toPython(words);
    assertThat(tuple.repr()).isEqualTo("Words(from_=1, id_='i', class_=3, None_=None, _4=5)");
    assertThat(tuple.as(Words.class)).isEqualTo(words);
    assertThat(py.toPython(new Same(1, 2)).as(Same.class)).isEqualTo(new Same(1, 2));
    assertThat(py.eval("{'from': 1, '_id': 'i', 'class_': 3, '__': 5}").as(Words.class))
        .isEqualTo(words);
    assertThat(py.eval("{'from_': 1, 'id_': 'i', 'class_': 3, '__': 5}").as(Words.class))
        .isEqualTo(words);
    py.exec("class W:\n from_, id_, class_, __ = 1, 'i', 3, 5\nW.__dict__\nsetattr(W, '__', 5)");
    assertThat(py.eval("W()").as(Words.class)).isEqualTo(words);
    assertThatThrownBy(() -> py.eval("{'_id': 1}").as(Words.class))
        .isInstanceOf(ClassCastException.class)
        .hasMessageContaining("no key \"from\"");
  }

  record Numbers(OptionalInt a, OptionalLong b, OptionalDouble c) {}

  @Test
  void carriesOptionalNumbers() {
    assertThat(py.toPython(OptionalInt.of(3)).repr()).isEqualTo("3");
    assertThat(py.toPython(OptionalLong.of(4)).repr()).isEqualTo("4");
    assertThat(py.toPython(OptionalDouble.of(0.5)).repr()).isEqualTo("0.5");
    for (Object empty :
        List.of(OptionalInt.empty(), OptionalLong.empty(), OptionalDouble.empty())) {
      assertThat(py.toPython(empty).isNone()).isTrue();
      assertThat(py.eval("None").as(empty.getClass())).isEqualTo(empty);
    }
    assertThat(py.eval("3").as(OptionalInt.class)).isEqualTo(OptionalInt.of(3));
    assertThat(py.eval("3").as(OptionalLong.class)).isEqualTo(OptionalLong.of(3));
    assertThat(py.eval("3").as(OptionalDouble.class)).isEqualTo(OptionalDouble.of(3));
    assertThatThrownBy(() -> py.eval("2**31").as(OptionalInt.class))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> py.eval("'3'").as(OptionalInt.class))
        .isInstanceOf(ClassCastException.class);
    assertThat(py.eval("{'b': 2}").as(Numbers.class))
        .isEqualTo(new Numbers(OptionalInt.empty(), OptionalLong.of(2), OptionalDouble.empty()));
    py.exec("from sluice import java\nTaking = java.type('dev.sluice.python.Taking')");
    assertThat(py.eval("Taking.number(None), Taking.number(5), Taking.real(2)").repr())
        .isEqualTo("('OptionalInt.empty', 'OptionalInt[5]', 'OptionalDouble[2.0]')");
    assertThatThrownBy(() -> py.eval("Taking.number(2**40)")).hasMessageContaining("OverflowError");
    assertThatThrownBy(() -> py.eval("Taking.number('a')")).hasMessageContaining("TypeError");
  }

  @Test
  void readsContainersOfAType() {
    assertThat(py.eval("[1, 2]").asList(Integer.class)).containsExactly(1, 2);
    assertThat(py.eval("(1, None)").asList(int.class)).containsExactly(1, null);
    assertThat(py.eval("range(3)").asList(Long.class)).containsExactly(0L, 1L, 2L);
    assertThat(py.eval("{'a': 1, 'b': None}").asMap(String.class, Integer.class))
        .containsEntry("a", 1)
        .containsEntry("b", null)
        .hasSize(2);
    assertThat(py.eval("{'a': [{1, 2}]}").as(new TypeRef<Map<String, List<Set<Integer>>>>() {}))
        .isEqualTo(Map.of("a", List.of(Set.of(1, 2))));
    assertThat(py.eval("[None, 'a']").as(new TypeRef<List<Optional<String>>>() {}))
        .containsExactly(Optional.empty(), Optional.of("a"));
    assertThat(py.eval("[['a'], []]").as(new TypeRef<List<String>[]>() {}))
        .containsExactly(List.of("a"), List.of());
    assertThat(py.eval("['a']").as(new TypeRef<List<? extends CharSequence>>() {}))
        .hasToString("[a]");
    assertThatThrownBy(() -> py.eval("[1, 'a']").asList(Integer.class))
        .isInstanceOf(ClassCastException.class)
        .hasMessageContaining("str");
    for (String noList : new String[] {"'ab'", "b'ab'", "{'a': 1}", "1"}) {
      assertThatThrownBy(() -> py.eval(noList).as(List.class))
          .isInstanceOf(ClassCastException.class);
    }
    for (String noMap : new String[] {"'ab'", "[1]", "(1, 2)", "1"}) {
      assertThatThrownBy(() -> py.eval(noMap).as(Map.class)).isInstanceOf(ClassCastException.class);
    }
  }

  @Test
  void readsContainersAsTheyAre() {
    Object all =
        py.eval("{'a': [1, 2.5, None, True], 'b': ({1}, frozenset('x'))}").as(Object.class);
    assertThat(all)
        .isEqualTo(
            Map.of("a", Arrays.asList(1L, 2.5, null, true), "b", List.of(Set.of(1L), Set.of("x"))));
    assertThat(py.eval("len").as(Object.class)).isInstanceOf(PyObject.class);
  }

  @Test
  void readsIteratorsAndStreamsAsTheyAreUsed() {
    py.exec("import itertools");
    Stream<Integer> endless = py.eval("itertools.count()").as(new TypeRef<Stream<Integer>>() {});
    assertThat(endless.limit(3)).containsExactly(0, 1, 2);
    Iterator<String> names = py.eval("iter('ab')").as(new TypeRef<Iterator<String>>() {});
    assertThat(names.next()).isEqualTo("a");
    assertThat(names.next()).isEqualTo("b");
    assertThat(names.hasNext()).isFalse();
  }

  @Test
  void refusesCirclesAndAbsurdDepth() {
    List<Object> circle = new ArrayList<>();
    circle.add(circle);
    assertThatThrownBy(() -> py.toPython(circle))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("contains itself");
    Map<String, Object> map = new HashMap<>();
    map.put("again", Map.of("self", List.of(map, map)));
    assertThatThrownBy(() -> py.toPython(map)).isInstanceOf(IllegalArgumentException.class);
    Object[] array = new Object[1];
    array[0] = array;
    assertThatThrownBy(() -> py.toPython(array)).isInstanceOf(IllegalArgumentException.class);
    py.exec("circle = [1]; circle.append(circle); ring = {}; ring['r'] = ring");
    assertThatThrownBy(() -> py.eval("circle").as(Object.class))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> py.eval("ring").as(Map.class))
        .isInstanceOf(IllegalArgumentException.class);
    py.exec("deep = []\nfor i in range(100000): deep = [deep]");
    assertThatThrownBy(() -> py.eval("deep").as(List.class))
        .isInstanceOf(IllegalArgumentException.class);
    Object deep = 1;
    for (int i = 0; i < 190; i++) {
      deep = List.of(deep);
    }
    assertThat(py.toPython(deep).as(Object.class).toString()).startsWith("[[[[");
    assertThat(py.raised()).isFalse();
  }

  @Test
  void carriesArrays() {
    assertThat(py.toPython(new int[] {1, -1}).repr()).isEqualTo("[1, -1]");
    assertThat(py.toPython(new double[] {0.5}).repr()).isEqualTo("[0.5]");
    assertThat(py.toPython(new float[] {0.5f}).repr()).isEqualTo("[0.5]");
    assertThat(py.toPython(new short[] {7}).repr()).isEqualTo("[7]");
    assertThat(py.toPython(new boolean[] {true, false}).repr()).isEqualTo("[True, False]");
    assertThat(py.toPython(new long[] {Long.MAX_VALUE}).repr()).isEqualTo("[9223372036854775807]");
    assertThat(py.toPython(new String[] {"a", null}).repr()).isEqualTo("['a', None]");
    assertThat(py.toPython(new int[][] {{1}, {}}).repr()).isEqualTo("[[1], []]");
    assertThat(py.eval("[1, 2]").as(int[].class)).containsExactly(1, 2);
    assertThat(py.eval("range(2)").as(long[].class)).containsExactly(0, 1);
    assertThat(py.eval("(1, .5)").as(double[].class)).containsExactly(1, .5);
    assertThat(py.eval("[True]").as(boolean[].class)).containsExactly(true);
    assertThat(py.eval("[[1], []]").as(int[][].class)).isDeepEqualTo(new int[][] {{1}, {}});
    assertThat(py.eval("['a', None]").as(String[].class)).containsExactly("a", null);
    assertThatThrownBy(() -> py.eval("[1, None]").as(int[].class))
        .isInstanceOf(ClassCastException.class);
    assertThatThrownBy(() -> py.eval("[2**31]").as(int[].class))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void carriesRecordsAsNamedTuples() {
    PyObject point = py.toPython(new Point(1, 2));
    assertThat(point.repr()).isEqualTo("Point(x=1, y=2)");
    assertThat(point.type()).isEqualTo(py.toPython(new Point(3, 4)).type());
    assertThat(point.as(Point.class)).isEqualTo(new Point(1, 2));
    Shape shape = new Shape("s", List.of(new Point(1, 2)), Optional.of(TimeUnit.DAYS));
    assertThat(py.toPython(shape).as(Shape.class)).isEqualTo(shape);
  }

  @Test
  void readsRecordsFromWhatHasTheirParts() {
    py.exec(
        """
        import dataclasses, enum
        @dataclasses.dataclass
        class P:
            y: int
            x: int
        class Unit(enum.Enum): DAYS = 7
        """);
    Point point = new Point(1, 2);
    for (String same : new String[] {"[1, 2]", "(1, 2)", "{'y': 2, 'x': 1, 'z': 3}", "P(2, 1)"}) {
      assertThat(py.eval(same).as(Point.class)).isEqualTo(point);
    }
    assertThat(py.eval("{'name': 'n', 'points': []}").as(Shape.class))
        .isEqualTo(new Shape("n", List.of(), Optional.empty()));
    assertThat(py.eval("['n', [P(2, 1)], Unit.DAYS]").as(Shape.class))
        .isEqualTo(new Shape("n", List.of(point), Optional.of(TimeUnit.DAYS)));
    assertThatThrownBy(() -> py.eval("[1]").as(Point.class)).hasMessageContaining("1 items");
    assertThatThrownBy(() -> py.eval("{'x': 1}").as(Point.class)).hasMessageContaining("\"y\"");
    assertThatThrownBy(() -> py.eval("object()").as(Point.class)).hasMessageContaining("\"x\"");
    assertThatThrownBy(() -> py.eval("[1, None]").as(Point.class))
        .isInstanceOf(ClassCastException.class);
    assertThatThrownBy(() -> py.eval("[-1]").as(Picky.class)).hasMessage("negative");
  }

  @Test
  void readsEnumsByName() {
    assertThat(py.eval("'DAYS'").as(TimeUnit.class)).isEqualTo(TimeUnit.DAYS);
    assertThatThrownBy(() -> py.eval("'WEEKS'").as(TimeUnit.class))
        .hasMessageContaining("no constant \"WEEKS\"");
    assertThatThrownBy(() -> py.eval("1").as(TimeUnit.class))
        .isInstanceOf(ClassCastException.class);
  }

  @Test
  void passesOnWhatIteratingThrows() {
    Iterator<Integer> failing =
        Stream.of(1)
            .<Integer>map(i -> {
              throw new IllegalStateException("mine");
            })
            .iterator();
    assertThatThrownBy(() -> py.toPython(failing)).hasMessage("mine");
    assertThat(py.raised()).isFalse();
  }
}
