package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Java's classes and objects as Python code sees them. */
@Timeout(60)
class JavaTypesTest {
  private final Attached py = EmbeddedPython.main().attach();

  @BeforeEach
  void names() {
    py.exec(
        """
        from sluice import java
        Sample = java.type("dev.sluice.python.Sample")
        ArrayList = java.type("java.util.ArrayList")
        """);
  }

  @AfterEach
  void detach() {
    py.close();
  }

  private Object value(String expression) {
    PyObject result = py.eval(expression);
    return result.isNone() ? "None" : result.toString();
  }

  @Test
  void callsMethodsConstructorsAndFields() {
    assertThat(value("Sample.add(2, 3)")).isEqualTo("5");
    assertThat(value("Sample.addReleased(2, -3)")).isEqualTo("-1");
    assertThat(value("Sample('x', 4).addTo(5)")).isEqualTo("9");
    assertThat(value("Sample().upper('abc\u00df')")).isEqualTo("ABCSS");
    assertThat(value("Sample.LIMIT")).isEqualTo("7");
    assertThat(value("Sample('y', 1).name")).isEqualTo("y");
    py.exec("s = Sample('y', 1)\ns.name = 'z'\nSample.counter = 5\nSample.counter += 1");
    assertThat(value("s.name, s.size, Sample.counter, s.counter")).isEqualTo("('z', 1, 6, 6)");
    assertThat(Sample.counter).isEqualTo(6);
    assertThatThrownBy(() -> py.exec("s.size = 3")).hasMessageContaining("AttributeError");
    assertThatThrownBy(() -> py.exec("Sample.LIMIT = 3")).hasMessageContaining("final");
    assertThat(value("Sample.Inner().hello()")).isEqualTo("hello");
  }

  @Test
  void makesObjectsOnlyWhereThereIsRoomForThem() {
    py.exec(
        """
        Object = java.type("java.lang.Object")
        HashMap = java.type("java.util.HashMap")
        IOException = java.type("java.io.IOException")
        class Mine(ArrayList): pass
        class Roomless(Object): pass
        """);
    assertThat(value("type(ArrayList.__new__(Mine)).__name__")).isEqualTo("Mine");
    for (String expression :
        List.of(
            "ArrayList.__new__()",
            "Object.__new__()",
            "ArrayList.__new__(5)",
            "ArrayList.__new__(object)",
            "ArrayList.__new__(HashMap)",
            "Object.__new__(object)",
            "IOException.__new__(ValueError)",
            "IOException.__new__(ArrayList)",
            "Roomless()")) {
      assertThatThrownBy(() -> py.eval(expression))
          .as(expression)
          .isInstanceOf(PythonException.class)
          .hasMessageStartingWith("TypeError: ");
    }
  }

  @Test
  void choosesAmongOverloads() {
    assertThat(value("[Sample.kind(x) for x in (1, 2**40, 1.5, 'a', ArrayList(), object())]"))
        .isEqualTo("['int', 'long', 'double', 'String', 'List', 'Object']");
  }

  @Test
  void namesTheCandidatesOfAnAmbiguousCall() {
    assertThatThrownBy(() -> py.eval("Sample.both(ArrayList(), ArrayList())"))
        .hasMessageContaining("TypeError")
        .hasMessageContaining("Sample.both(Iterable, List)")
        .hasMessageContaining("Sample.both(List, Iterable)");
    assertThatThrownBy(() -> py.eval("Sample.kind()"))
        .hasMessageContaining("Sample.kind(int)")
        .hasMessageContaining("Sample.kind(String)");
    assertThatThrownBy(() -> py.eval("Sample.add(1)")).hasMessageContaining("takes 2 arguments");
    assertThatThrownBy(() -> py.eval("Sample.add(1, 'x')"))
        .hasMessageContaining("argument 2: a str is no int");
    assertThatThrownBy(() -> py.eval("Sample.add(1, 2**31)")).hasMessageContaining("OverflowError");
    assertThatThrownBy(() -> py.eval("Sample.add(a=1, b=2)")).hasMessageContaining("TypeError");
  }

  @Test
  void takesAnyNumberOfArguments() {
    assertThat(value("Sample.join('-'), Sample.join('-', 1, 'x', None), Sample.sum(1, 2, 3)"))
        .isEqualTo("('', '1-x-null', 6)");
    assertThat(value("Sample.sum()")).isEqualTo("0");
  }

  @Test
  void givesScopesAndObjects() {
    assertThat(value("Sample.words('a b c'), Sample.callBack(lambda: 'back')"))
        .isEqualTo("(3, 'back')");
    assertThat(value("[Sample.same(x) for x in (1, 2**70, -2**63, 1.5, True, 'a', b'b', None)]"))
        .isEqualTo("[1, 1180591620717411303424, -9223372036854775808, 1.5, True, 'a', b'b', None]");
  }

  @Test
  void hasNamesForKeywords() {
    assertThat(
            value(
                "str(java.type('java.util.Date').from_(java.type('java.time.Instant').EPOCH).getTime())"))
        .isEqualTo("0");
  }
}
