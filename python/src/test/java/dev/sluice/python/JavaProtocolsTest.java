package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Java objects under Python's operators, loops and with. */
@Timeout(60)
class JavaProtocolsTest {
  private final Attached py = EmbeddedPython.main().attach();

  @BeforeEach
  void names() {
    py.exec(
        """
        from sluice import java
        Sample = java.type("dev.sluice.python.Sample")
        ArrayList = java.type("java.util.ArrayList")
        TreeMap = java.type("java.util.TreeMap")
        """);
  }

  @AfterEach
  void detach() {
    py.close();
  }

  private String value(String expression) {
    return py.eval(expression).toString();
  }

  @Test
  void listsAreSequences() {
    py.exec("l = ArrayList()\nfor i in range(5): l.add(i * i)");
    assertThat(value("len(l), l[0], l[-1], 9 in l, 8 in l, 'x' in l"))
        .isEqualTo("(5, 0, 16, True, False, False)");
    assertThat(value("[x + 1 for x in l]")).isEqualTo("[1, 2, 5, 10, 17]");
    assertThat(value("list(l[1:4]), list(l[::-2])")).isEqualTo("([1, 4, 9], [16, 4, 0])");
    py.exec("l[1] = 'one'\ndel l[0]");
    assertThat(value("list(l)")).isEqualTo("['one', 4, 9, 16]");
    assertThat(value("str(l), repr(l), bool(l), bool(ArrayList())"))
        .isEqualTo("('[one, 4, 9, 16]', '<java.util.ArrayList [one, 4, 9, 16]>', True, False)");
    assertThatThrownBy(() -> py.exec("l[4]")).hasMessageContaining("IndexError");
  }

  @Test
  void mapsAreMappings() {
    py.exec("m = TreeMap()\nm['b'] = 2\nm['a'] = None\nm['c'] = 3\ndel m['c']");
    assertThat(value("len(m), m['b'], m['a'], 'a' in m, 'z' in m, 5 in m"))
        .isEqualTo("(2, 2, None, True, False, False)");
    assertThat(value("list(m), [(k, v) for k, v in m.entrySet()]"))
        .isEqualTo("(['a', 'b'], [('a', None), ('b', 2)])");
    assertThatThrownBy(() -> py.exec("m['z']")).hasMessageContaining("KeyError");
    assertThatThrownBy(() -> py.exec("del m['z']")).hasMessageContaining("KeyError");
  }

  @Test
  void keysAreFoundInEveryWidth() {
    py.exec(
        """
        Long = java.type("java.lang.Long")
        Taking = java.type("dev.sluice.python.Taking")
        m = Taking.longs()
        """);
    assertThat(value("m[1], m[2], m[3], m[10], m['c'], m[0.5], m[Long(1)]"))
        .isEqualTo("('long', 'short', 'byte', 'big', 'char', 'float', 'long')");
    assertThat(value("[k in m for k in (1, 2, 3, 10, 'c', 0.5, Long(1), Long(2), 4, 'd', 0.1)]"))
        .isEqualTo("[" + "True, ".repeat(7) + "False, False, False, False]");
    assertThat(value("m.get(1), m.get(4), m.get(4, 'none'), m.get(2, 'none')"))
        .isEqualTo("('long', None, 'none', 'short')");
    py.exec("m[1] = 'changed'\ndel m[2]\nm[Long(7)] = 'seven'");
    assertThat(value("m.size(), m[1], m[7], 2 in m")).isEqualTo("(6, 'changed', 'seven', False)");
    py.exec("t = TreeMap()\nt[Long(5)] = 'five'");
    assertThat(value("t[5], 5 in t, t.get(5), t.get('x'), 'x' in t"))
        .isEqualTo("('five', True, 'five', None, False)");
    py.exec("l = ArrayList()\nl.add(Long(1))");
    assertThat(value("1 in l, 2 in l, l.contains(1), l.contains(Long(1))"))
        .isEqualTo("(True, False, False, True)");
  }

  @Test
  void boxesAreNumbers() {
    py.exec("box = {n: java.type('java.lang.' + n) for n in ('Long', 'Short', 'Byte', 'Float')}");
    assertThat(value("box['Long'](2) == 2, 2 == box['Short'](2), box['Byte'](2) != 3"))
        .isEqualTo("(True, True, True)");
    assertThat(value("{2**40: 'a', -1: 'b'}[box['Long'](2**40)], {-1: 'b'}[box['Byte'](-1)]"))
        .isEqualTo("('a', 'b')");
    assertThat(value("int(box['Long'](2)), range(9)[box['Byte'](3)], float(box['Float'](0.5))"))
        .isEqualTo("(2, 3, 0.5)");
    assertThat(value("int(java.type('java.math.BigInteger')('1' + '0' * 20))"))
        .isEqualTo("1" + "0".repeat(20));
    assertThat(value("type(box['Long'](2)).__name__, Sample.same(box['Long'](2))"))
        .isEqualTo("('Long', 2)");
    assertThatThrownBy(() -> py.eval("box['Byte'](128)"))
        .hasMessageContaining("no Byte takes (int)");
  }

  @Test
  void containersAreThoseOfPythonToo() {
    py.exec(
        """
        import json
        from collections import abc
        m = TreeMap({'a': 1, 'b': ArrayList([1, 2])})
        chm = java.type('java.util.concurrent.ConcurrentHashMap')({'x': 1})
        s = java.type('java.util.TreeSet')({1, 2, 3})
        l = ArrayList(list('abcb'))
        def keywords(**given): return sorted(given)
        def plain(value):
            return dict(value) if isinstance(value, abc.Mapping) else list(value)
        match m:
            case {'a': first, 'b': [_, second]}: matched = first, second
        match m:
            case {'zz': _}: matched = None
        """);
    assertThat(value("dict(m) == {'a': 1, 'b': m['b']}, dict(chm), keywords(**m)"))
        .isEqualTo("(True, {'x': 1}, ['a', 'b'])");
    assertThat(value("list(m.keys()), list(m.items())[0], 'a' in m.keys(), list(m.values())[0]"))
        .isEqualTo("(['a', 'b'], ('a', 1), True, 1)");
    assertThat(value("m.keySet().size(), json.dumps(m, default=plain), matched"))
        .isEqualTo("(2, '{\"a\": 1, \"b\": [1, 2]}', (1, 2))");
    assertThat(value("[isinstance(x, abc.Mapping) for x in (m, chm, l, s)]"))
        .isEqualTo("[True, True, False, False]");
    assertThat(value("[isinstance(x, abc.Sequence) for x in (m, l, java.type('int[]')(1))]"))
        .isEqualTo("[False, True, True]");
    assertThat(value("l.index('b'), l.count('b'), list(reversed(l))"))
        .isEqualTo("(1, 2, ['b', 'c', 'b', 'a'])");
    assertThat(value("isinstance(s, abc.Set), s & {1, 9}, {4} | s, s >= {1}, s.isdisjoint({5})"))
        .isEqualTo("(True, {1}, {1, 2, 3, 4}, True, True)");
  }

  @Test
  void arraysAreSequences() {
    py.exec("a = java.type('int[]')(3)\na[0] = 5\na[-1] = 7");
    assertThat(value("len(a), list(a), 7 in a, list(a[1:])"))
        .isEqualTo("(3, [5, 0, 7], True, [0, 7])");
    assertThatThrownBy(() -> py.exec("a[0] = 'x'")).hasMessageContaining("TypeError");
    assertThatThrownBy(() -> py.exec("a[0] = 2**40")).hasMessageContaining("OverflowError");
    assertThatThrownBy(() -> py.exec("a[3] = 1")).hasMessageContaining("IndexError");
    assertThat(value("list(java.type('java.lang.String')('x,y').split(','))"))
        .isEqualTo("['x', 'y']");
  }

  @Test
  void lambdasAreCallable() {
    assertThat(value("Sample.adder()(3, 4), callable(Sample.adder()), callable(ArrayList())"))
        .isEqualTo("(7, True, False)");
    assertThat(
            value("isinstance(Sample.adder(), java.type('java.util.function.IntBinaryOperator'))"))
        .isEqualTo("True");
    assertThat(value("type(Sample.adder()).__name__")).isEqualTo("IntBinaryOperator");
  }

  @Test
  void withCloses() {
    py.exec(
        """
        Reader = java.type("java.io.StringReader")
        Buffered = java.type("java.io.BufferedReader")
        with Buffered(Reader("one\\ntwo")) as reader:
            first = reader.readLine()
        try:
            reader.readLine()
        except java.type("java.io.IOException") as e:
            closed = str(e)
        """);
    assertThat(value("first, closed")).isEqualTo("('one', 'Stream closed')");
  }

  @Test
  void comparesHashesAndSorts() {
    py.exec("B = java.type('java.math.BigDecimal')\nx, y = B('1.5'), B('2.5')");
    assertThat(value("x < y, x >= y, x == B('1.5'), x != B('1.5'), hash(x) == hash(B('1.5'))"))
        .isEqualTo("(True, False, True, False, True)");
    assertThat(value("[str(n) for n in sorted([y, x])], float(y), int(y)"))
        .isEqualTo("(['1.5', '2.5'], 2.5, 2)");
    assertThat(value("x == 1.5, x == None, x == object(), {x: 1}[B('1.5')]"))
        .isEqualTo("(False, False, False, 1)");
    assertThatThrownBy(() -> py.exec("x < object()")).hasMessageContaining("TypeError");
  }

  @Test
  void mirrorsJavasHierarchy() {
    assertThat(
            value(
                "[isinstance(ArrayList(), java.type('java.' + n)) for n in"
                    + " ('util.List', 'lang.Iterable', 'lang.Object', 'util.Map')]"))
        .isEqualTo("[True, True, True, False]");
    assertThat(value("issubclass(ArrayList, java.type('java.util.AbstractList'))"))
        .isEqualTo("True");
    assertThat(value("isinstance(java.type('java.lang.Object')(), java.type('java.lang.Object'))"))
        .isEqualTo("True");
    assertThat(value("repr(ArrayList), ArrayList.__module__, ArrayList.class_.getName()"))
        .isEqualTo("(\"<java class 'java.util.ArrayList'>\", 'java.util', 'java.util.ArrayList')");
    assertThat(
            value("isinstance(java.type('java.io.IOException')(), java.type('java.lang.Object'))"))
        .isEqualTo("True");
  }

  @Test
  void keepsIdentityBothWays() {
    List<String> list = new ArrayList<>(List.of("a"));
    var map = new TreeMap<Object, Object>();
    map.put("list", list);
    py.module("identity").value("map", map);
    py.exec("import identity\nfirst = identity.map['list']\nsecond = identity.map['list']");
    assertThat(value("first is second, Sample.same(first) is first")).isEqualTo("(True, True)");
    assertThat((Object) py.eval("first").as(List.class)).isSameAs(list);
    py.exec("o = object()");
    assertThat(value("Sample.keep(o) is o, Sample.same(o) is o")).isEqualTo("(True, True)");
    py.exec("def f(): pass\nheld = java.type('java.util.ArrayList')()\nheld.add(f)");
    assertThat(value("Sample.keepRunnable(f) is f, Sample.keepFunction(f) is f, held[0] is f"))
        .isEqualTo("(True, True, True)");
    assertThat(
            value("[x is o for x in [Sample.keep(o)] + list(java.type('java.util.List').of(o))]"))
        .isEqualTo("[True, True]");
    py.exec("first.add('b')");
    assertThat(list).containsExactly("a", "b");
  }

  @Test
  void pythonMaySubclass() {
    py.exec(
        """
        class Mine(Sample):
            def __init__(self, name, size):
                self.extra = name * 2
            def addTo(self, more):
                return super().addTo(more) + 100
        mine = Mine('m', 3)
        """);
    assertThat(value("mine.extra, mine.addTo(1), mine.name, Sample.same(mine) is mine"))
        .isEqualTo("('mm', 104, 'm', True)");
    assertThatThrownBy(() -> py.exec("import copy\ncopy.copy(mine)"))
        .hasMessageContaining("cannot copy");
  }
}
