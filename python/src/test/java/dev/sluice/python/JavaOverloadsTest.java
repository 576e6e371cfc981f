package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which of Java's overloads a call from Python means. */
@Timeout(60)
class JavaOverloadsTest {
  private final Attached py = EmbeddedPython.main().attach();

  @BeforeEach
  void names() {
    py.exec(
        """
        from sluice import java
        Taking = java.type("dev.sluice.python.Taking")
        Long = java.type("java.lang.Long")
        String = java.type("java.lang.String")
        ArrayList = java.type("java.util.ArrayList")
        class CallAndRun:
            def call(self): return 'called'
            def run(self): return 'ran'
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
  void prefersWhatLosesNothing() {
    assertThat(value("[Taking.over(x) for x in (1, 2**53 - 1, 2**60, 2**70, 1.5, 1e300, 'a')]"))
        .isEqualTo("['double', 'double', 'Object', 'Object', 'double', 'double', 'Object']");
    assertThat(value("java.type('java.lang.Math').abs(2**70)")).isEqualTo("1.1805916207174113e+21");
  }

  @Test
  void prefersTheNearerType() {
    assertThat(value("[Taking.over(x) for x in ([1], (1,), {}, ArrayList(), {1}, object())]"))
        .isEqualTo("['List', 'List', 'Map', 'List', 'List', 'Object']");
    assertThat(value("Taking.over(__import__('datetime').date(2020, 1, 2))"))
        .isEqualTo("LocalDate");
    assertThat(value("Taking.array([1, 2]), Taking.array([1, 2**40]), Taking.array([1, 0.5])"))
        .isEqualTo("('int[]', 'long[]', 'double[]')");
    assertThat(value("Taking.array(['a']), Taking.array(c for c in 'a')"))
        .isEqualTo("('Iterable', 'Iterable')");
  }

  @Test
  void discardsWhatCannotTakeTheArguments() {
    assertThat(value("Taking.named('a', 'b')")).isEqualTo("String");
    assertThatThrownBy(() -> py.eval("Taking.array([1, 'a'])"))
        .hasMessageContaining("no array takes (list)");
    assertThatThrownBy(() -> py.eval("Taking.task(5)")).hasMessageContaining("TypeError");
  }

  @Test
  void prefersFunctionsThatGiveAValue() {
    assertThat(value("Taking.task(lambda: 5), Taking.task(CallAndRun())"))
        .isEqualTo("('Callable', 'Callable')");
    assertThat(value("Taking.arity(lambda: 1), Taking.arity(len), Taking.arity(lambda a, b: 1)"))
        .isEqualTo("('none', 'one', 'two')");
  }

  @Test
  void callsCommonMethods(@TempDir java.nio.file.Path folder) {
    py.exec(
        """
        pool = java.type('java.util.concurrent.Executors').newFixedThreadPool(2)
        try:
            results = pool.submit(lambda: 5).get(), pool.submit(CallAndRun()).get()
            results += tuple(f.get() for f in pool.invokeAll([lambda: 1, lambda: 2]))
        finally:
            pool.shutdown()
        """);
    assertThat(value("results")).isEqualTo("(5, 'called', 1, 2)");
    assertThat(value("String.format('%s %d', 'a', 3), String.format('%s', None)"))
        .isEqualTo("('a 3', 'null')");
    assertThat(value("String.join(',', ['a', 'b']), String.join(',', 'a', 'b')"))
        .isEqualTo("('a,b', 'a,b')");
    py.exec(
        """
        Files, Path = java.type('java.nio.file.Files'), java.type('java.nio.file.Path')
        path = Path.of(r'%s', 'lines')
        Files.write(path, ['a', 'b'])
        Files.write(str(path), b'c', java.type('java.nio.file.StandardOpenOption').APPEND)
        """
            .formatted(folder));
    assertThat(value("Files.readString(path)")).isEqualTo("a\nb\nc");
    py.exec(
        """
        out = java.type('java.io.ByteArrayOutputStream')()
        java.type('java.io.PrintStream')(out).print(None)
        """);
    assertThat(value("str(out)")).isEqualTo("null");
    assertThat(
            value(
                "[str(x) for x in java.type('java.util.List').of(3, 1).stream().sorted(" //
                    + "java.type('java.util.Comparator').comparing(abs).thenComparing(lambda x: x))" //
                    + ".toList()]"))
        .isEqualTo("['1', '3']");
  }

  @Test
  void aBoxChoosesAWidth() {
    assertThat(value("Taking.width(2), Taking.width(Long(2)), Taking.width(2.5)"))
        .isEqualTo("('int', 'Long', 'Double')");
    py.exec("box = lambda name, *a: Taking.width(java.type('java.lang.' + name)(*a))");
    assertThat(value("box('Short', 1), box('Byte', 1), box('Float', 1), box('Character', 'x')"))
        .isEqualTo("('int', 'int', 'Float', 'Character')");
  }

  @Test
  void anOverloadCanBeChosen() {
    assertThatThrownBy(() -> py.eval("Taking.same(lambda: 1)"))
        .hasMessageContaining("ambiguous between Taking.same(")
        .hasMessageContaining("sluice.java.overload");
    assertThat(value("java.overload(Taking, 'same(Supplier)')(lambda: 1)")).isEqualTo("Supplier");
    assertThat(value("java.overload(Taking, 'Taking.same(java.util.concurrent.Callable)')(len)"))
        .isEqualTo("Callable");
    py.exec("builder = java.type('java.lang.StringBuilder')('a')");
    assertThat(value("str(java.overload(builder, 'append(Object)')('b'))")).isEqualTo("ab");
    assertThat(value("str(java.overload(String, 'format(String, Object...)')('%s-%s', 1, 2))"))
        .isEqualTo("1-2");
    assertThat(value("type(java.overload(Taking, 'Taking(Object)')(5)) is Taking"))
        .isEqualTo("True");
    assertThat(value("str(java.overload(builder, 'insert(int, char)')(0, '<'))")).isEqualTo("<ab");
    assertThatThrownBy(() -> py.eval("java.overload(builder, 'append(File)')"))
        .hasMessageContaining("TypeError")
        .hasMessageContaining("there is no append(File); there is StringBuilder.append(");
    assertThatThrownBy(() -> py.eval("java.overload(builder, 'attach(int)')"))
        .hasMessageContaining("AttributeError");
    assertThatThrownBy(() -> py.eval("java.overload(builder, 'append')"))
        .hasMessageContaining("is no signature");
  }
}
