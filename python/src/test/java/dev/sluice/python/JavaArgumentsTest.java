package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of Python's objects as arguments of Java's methods. */
@Timeout(60)
class JavaArgumentsTest {
  private final Attached py = EmbeddedPython.main().attach();

  @BeforeEach
  void names() {
    py.exec(
        """
        from sluice import java
        Taking = java.type("dev.sluice.python.Taking")
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
  void listsAreIterables() {
    assertThat(value("Taking.twice([1, 'a']), Taking.twice((1,)), Taking.twice({1: 2}.keys())"))
        .isEqualTo("('1a1a', '11', '11')");
    assertThat(value("Taking.joinAll(['a', 'b']), Taking.joinElsewhere([1, 2], False)"))
        .isEqualTo("('ab', '12')");
    assertThatThrownBy(() -> py.eval("Taking.join('text')"))
        .hasMessageContaining("a str is no java.lang.Iterable");
    assertThatThrownBy(() -> py.eval("Taking.join(5)")).hasMessageContaining("TypeError");
  }

  @Test
  void generatorsAreReadAsTheyAreUsed() {
    py.exec(
        """
        def endless():
            n = 0
            while True:
                yield str(n)
                n += 1
        def failing():
            yield 1
            raise LookupError('in the generator')
        """);
    assertThat(value("Taking.join(n for n in range(3)), Taking.twice(iter('ab'))"))
        .isEqualTo("('012', 'ab')");
    assertThat(value("Taking.joinAll(x for x in 'ab')")).isEqualTo("ab");
    assertThat(value("Taking.joinElsewhere(iter('ab'), False)")).isEqualTo("ab");
    assertThat(value("Taking.joinElsewhere(iter('ab'), True)")).isEqualTo("ab");
    assertThat(
            value(
                "java.type('java.util.stream.Stream').concat(endless(), [])"
                    + ".limit(3).toList().toString()"))
        .isEqualTo("[0, 1, 2]");
    assertThatThrownBy(() -> py.eval("Taking.join(failing())")).hasMessageContaining("LookupError");
    assertThatThrownBy(() -> py.eval("Taking.joinAll(iter([1]))"))
        .hasMessageContaining("TypeError")
        .hasMessageContaining("a int is no java.lang.String");
  }

  @Test
  void itemsAreConvertedToTheirType() {
    assertThat(value("Taking.sum([[1, 2], (3,)]), Taking.sizes({'ab': {1, 2}})"))
        .isEqualTo("(6, 6)");
    assertThat(value("Taking.classes([1, 2**40, 'a', None, [1], {}, object])"))
        .isEqualTo("Integer Long String null ArrayList LinkedHashMap PyObject");
    assertThat(value("Taking.all([lambda: 1, lambda: 2])")).isEqualTo("3");
    assertThatThrownBy(() -> py.eval("Taking.all([lambda: 1, 2])"))
        .hasMessageContaining("TypeError: Taking.all(List), argument 1: a int is no");
    assertThatThrownBy(() -> py.eval("Taking.sum([['a']])"))
        .hasMessageContaining("Taking.sum(List), argument 1: a str is no java.lang.Integer");
    py.exec("itself = []\nitself.append(itself)");
    assertThatThrownBy(() -> py.eval("Taking.classes(itself)"))
        .hasMessageContaining("contains itself");
  }

  @Test
  void noneIsAnEmptyOptional() {
    assertThat(value("Taking.maybe(None), Taking.maybe(5)")).isEqualTo("('empty', 'Short5')");
    assertThatThrownBy(() -> py.eval("Taking.maybe('a')"))
        .hasMessageContaining("Taking.maybe(Optional), argument 1: a str is no java.lang.Short");
  }

  @Test
  void numbersThatDoNotFitAreRefused() {
    assertThat(value("Taking.half(1e30), Taking.half(float('inf')), Taking.boxes(0.5)"))
        .contains("inf, '[0.5]')");
    assertThatThrownBy(() -> py.eval("Taking.half(1e300)"))
        .hasMessageContaining("OverflowError: Taking.half(float), argument 1: the float 1.0E300");
    assertThatThrownBy(() -> py.eval("Taking.boxes(1e300)")).hasMessageContaining("OverflowError");
    assertThatThrownBy(() -> py.exec("a = java.type('float[]')(1)\na[0] = 1e300"))
        .hasMessageContaining("OverflowError");
  }

  @Test
  void onlyCallablesAreFunctions() {
    assertThat(value("Taking.length(lambda: 'abc'), Taking.length(str)")).isEqualTo("(3, 0)");
    assertThatThrownBy(() -> py.eval("Taking.length(5)"))
        .hasMessageContaining(
            "TypeError: Taking.length(Supplier), argument 1: a int is no java.util.function");
    py.exec("def answer(): return 42");
    assertThatThrownBy(() -> py.eval("Taking.length(answer)"))
        .hasMessageContaining(
            "TypeError: answer gave a int, but as Supplier.get it has to give a java.lang.String");
    assertThatThrownBy(() -> py.eval("Taking.all([lambda: 'x'])"))
        .hasMessageContaining("TypeError: <lambda> gave a str, but as Callable.call");
  }

  @Test
  void objectsStandForInterfaces() {
    py.exec(
        """
        class Half:
            def opened(self, name): self.name = name
        class Whole(Half):
            def closed_at(self, time): return f'{self.name} at {time}'
        """);
    assertThat(value("Taking.listen(Whole())")).isEqualTo("x at 3");
    assertThatThrownBy(() -> py.eval("Taking.listen(Half())"))
        .hasMessageContaining("TypeError")
        .hasMessageContaining("a Half is no dev.sluice.python.Taking$Listener");
    assertThatThrownBy(() -> py.eval("Taking.listen(len)")).hasMessageContaining("TypeError");
  }
}
