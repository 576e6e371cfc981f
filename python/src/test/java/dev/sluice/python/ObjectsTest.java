package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Java can do with a Python object. */
@Timeout(60)
class ObjectsTest {
  private final Interpreter main = EmbeddedPython.main();
  private Attached py = main.attach();

  @BeforeEach
  void define() {
    py.exec(
        """
        class Thing:
            def __init__(self, **fields): self.__dict__.update(fields)
            def join(self, *args, **keywords): return [list(args), keywords]
            @property
            def broken(self): raise ValueError('broken')
        """);
  }

  @AfterEach
  void detach() {
    py.close();
  }

  @Test
  void saysWhatItIsOnEveryThread() throws Exception {
    PyObject list = py.eval("[1]");
    py.exec(
        """
        from sluice import java
        Taking = java.type("dev.sluice.python.Taking")
        class Failing:
            def __str__(self): raise ValueError('no text')
        """);
    assertThat(py.eval("Taking.printed([1], 'here')").toString()).isEqualTo("[1]");
    assertThat(py.eval("Taking.printed([1], 'platform')").toString()).isEqualTo("[1]");
    assertThat(py.eval("Taking.printed([1], 'virtual')").toString()).isEqualTo("[1]");
    PyObject failing = py.eval("Failing()");
    assertThatThrownBy(failing::toString).hasMessage("ValueError: no text");
    assertThat(py.detached(() -> CompletableFuture.supplyAsync(list::toString).join()))
        .isEqualTo("[1]");
    // Here the GIL is not to be had, and nobody waits for it for long.
    assertThat(CompletableFuture.supplyAsync(list::toString).get(20, TimeUnit.SECONDS))
        .isEqualTo("a Python object of the interpreter 0");
  }

  @Test
  void wantsKeywordsAtTheEnd() {
    PyObject dict = py.eval("dict");
    assertThat(dict.call(Keywords.of("a", 1)).repr()).isEqualTo("{'a': 1}");
    assertThatThrownBy(() -> py.eval("print").call(Keywords.of("end", ""), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Keywords[end]")
        .hasMessageContaining("the last argument of a call");
    assertThatThrownBy(() -> dict.callMethod("update", List.of(Keywords.of("a", 1))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void hasAttributes() {
    PyObject thing = py.eval("Thing(a=1)");
    assertThat(thing.attr("a").as(Integer.class)).isEqualTo(1);
    thing.setAttr("b", "two");
    assertThat(thing.attr("b").as(String.class)).isEqualTo("two");
    assertThat(thing.hasAttr("b")).isTrue();
    thing.delAttr("b");
    assertThat(thing.hasAttr("b")).isFalse();
    assertThatThrownBy(() -> thing.attr("b")).hasMessageContaining("AttributeError");
    assertThatThrownBy(() -> thing.delAttr("b")).hasMessageContaining("AttributeError");
    assertThatThrownBy(() -> thing.hasAttr("broken")).hasMessage("ValueError: broken");
    assertThatThrownBy(() -> thing.setAttr("c", Set.of(List.of())))
        .hasMessageContaining("TypeError");
    assertThat(py.raised()).isFalse();
  }

  @Test
  void hasItems() {
    PyObject dict = py.toPython(new HashMap<>(Map.of("a", 1)));
    dict.setItem(List.of(1).getFirst(), "one");
    dict.setItem(null, null);
    assertThat(dict.item(1).as(String.class)).isEqualTo("one");
    assertThat(dict.item(null).isNone()).isTrue();
    assertThat(dict.contains("a")).isTrue();
    assertThat(dict.length()).isEqualTo(3);
    dict.delItem("a");
    assertThat(dict.contains("a")).isFalse();
    assertThatThrownBy(() -> dict.item("a")).hasMessageContaining("KeyError");
    assertThatThrownBy(() -> dict.delItem("a")).hasMessageContaining("KeyError");
    assertThatThrownBy(() -> py.eval("1").length()).hasMessageContaining("TypeError");
    assertThatThrownBy(() -> py.eval("1").contains(1)).hasMessageContaining("TypeError");
  }

  @Test
  void callsWithPositionsAndKeywords() {
    PyObject join = py.eval("Thing()").attr("join");
    assertThat(join.call(1, "b", null).repr()).isEqualTo("[[1, 'b', None], {}]");
    assertThat(join.call(1, Keywords.of("x", 2, "y", null)).repr())
        .isEqualTo("[[1], {'x': 2, 'y': None}]");
    assertThat(join.call(Keywords.of(Map.of("x", 2))).repr()).isEqualTo("[[], {'x': 2}]");
    assertThat(join.call(Keywords.of()).repr()).isEqualTo("[[], {}]");
    // A map is an argument like any other.
    assertThat(join.call(Map.of("x", 2)).repr()).isEqualTo("[[{'x': 2}], {}]");
    assertThat(py.eval("Thing()").callMethod("join", 1, Keywords.of("k", 2)).repr())
        .isEqualTo("[[1], {'k': 2}]");
    assertThat(py.eval("dict").call(Keywords.of("a", 1)).repr()).isEqualTo("{'a': 1}");
    assertThatThrownBy(() -> join.call(1, Set.of(List.of()), 2)).hasMessageContaining("TypeError");
    assertThatThrownBy(() -> py.eval("Thing()").callMethod("gone"))
        .hasMessageContaining("AttributeError");
    assertThatThrownBy(() -> Keywords.of("a")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Keywords.of(1, 2)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Keywords.of("a", 1, "a", 2)).hasMessageContaining("twice");
  }

  @Test
  void callsWithMoreArgumentsThanFitAtOnce() {
    Object[] many = new Object[5000];
    java.util.Arrays.fill(many, 7);
    assertThat(py.eval("lambda *a: sum(a)").call(many).as(Long.class)).isEqualTo(35_000);
    assertThat(py.eval("lambda *a: len(a)").function().callAs(int.class, many)).isEqualTo(5000);
  }

  @Test
  void iterates() {
    List<String> names = new ArrayList<>();
    for (PyObject name : py.eval("('a', 'b')")) {
      names.add(name.as(String.class));
    }
    assertThat(names).containsExactly("a", "b");
    assertThat(py.eval("range(4)").stream().mapToInt(i -> i.as(Integer.class)).sum()).isEqualTo(6);
    var failing = py.eval("(1 // x for x in (1, 0))").iterator();
    assertThat(failing.next().as(Integer.class)).isEqualTo(1);
    assertThatThrownBy(failing::hasNext).hasMessageContaining("ZeroDivisionError");
    assertThat(failing.hasNext()).isFalse();
    assertThatThrownBy(failing::next).isInstanceOf(NoSuchElementException.class);
    assertThatThrownBy(() -> py.eval("1").iterator()).hasMessageContaining("TypeError");
  }

  @Test
  void compares() {
    PyObject two = py.eval("2");
    assertThat(two.isEqual(2.0)).isTrue();
    assertThat(two.isEqual(null)).isFalse();
    assertThat(two.compare(Comparison.LESS, 3)).isTrue();
    assertThat(two.compare(Comparison.LESS_OR_EQUAL, 2)).isTrue();
    assertThat(two.compare(Comparison.NOT_EQUAL, 2)).isFalse();
    assertThat(two.compare(Comparison.GREATER, 2)).isFalse();
    assertThat(two.compare(Comparison.GREATER_OR_EQUAL, 2)).isTrue();
    assertThatThrownBy(() -> two.compare(Comparison.LESS, "a")).hasMessageContaining("TypeError");
    PyObject notANumber = py.eval("float('nan')");
    assertThat(notANumber.isEqual(notANumber)).isFalse();
    assertThat(notANumber.isSame(notANumber)).isTrue();
  }

  @Test
  void isEqualInJavaWhenItIsOneObjectInPython() {
    py.exec("kept = []");
    PyObject first = py.eval("kept");
    PyObject second = py.eval("kept");
    assertThat(first.equals(second)).isTrue();
    assertThat(first.hashCode()).isEqualTo(second.hashCode());
    assertThat(first.equals(py.eval("[]"))).isFalse();
    first.close();
    assertThat(first.equals(second)).isFalse();
    assertThat(first.equals(first)).isTrue();
  }

  @Test
  void describesItself() {
    PyObject text = py.toPython("a");
    assertThat(text.toString()).isEqualTo("a");
    assertThat(text.repr()).isEqualTo("'a'");
    assertThat(text.pythonHash()).isEqualTo(py.eval("hash('a')").as(Long.class));
    assertThatThrownBy(() -> py.eval("[]").pythonHash()).hasMessageContaining("unhashable");
    assertThat(text.type().attr("__name__").as(String.class)).isEqualTo("str");
    assertThat(text.isInstance(py.eval("str"))).isTrue();
    assertThat(text.isInstance(py.eval("(int, bytes)"))).isFalse();
    assertThatThrownBy(() -> text.isInstance(text)).hasMessageContaining("TypeError");
    assertThat(text.isTrue()).isTrue();
    assertThat(py.eval("''").isTrue()).isFalse();
    assertThat(py.eval("len").isCallable()).isTrue();
  }

  @Test
  void managesContexts() {
    py.exec(
        """
        class Manager:
            seen = None
            def __init__(self, swallow): self.swallow = swallow
            def __enter__(self): return 'entered'
            def __exit__(self, kind, value, traceback):
                self.seen = (kind and kind.__name__, str(value), traceback is not None)
                return self.swallow
        """);
    PyObject manager = py.eval("Manager(False)");
    String entered = manager.with(value -> value.as(String.class));
    assertThat(entered).isEqualTo("entered");
    assertThat(manager.attr("seen").repr()).isEqualTo("(None, 'None', False)");
    assertThatThrownBy(() -> manager.with(value -> py.eval("1/0")))
        .hasMessageContaining("ZeroDivisionError");
    assertThat(manager.attr("seen").repr())
        .isEqualTo("('ZeroDivisionError', 'division by zero', True)");
    assertThatThrownBy(() ->
            manager.with(value -> {
              throw new IllegalStateException("mine");
            }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(manager.attr("seen").repr()).contains("RuntimeError").contains("mine");
    Integer nothing = py.eval("Manager(True)").with(value -> Integer.parseInt("x"));
    assertThat(nothing).isNull();
    assertThatThrownBy(() -> py.eval("1").with(value -> 1)).hasMessageContaining("__enter__");
  }

  @Test
  void refersWeakly() {
    PyObject thing = py.eval("Thing(a=1)");
    try (PyWeak weak = thing.weak()) {
      try (PyObject found = weak.get().orElseThrow()) {
        assertThat(found.isSame(thing)).isTrue();
      }
      thing.close();
      assertThat(weak.get()).isEmpty();
    }
    assertThatThrownBy(() -> py.eval("1").weak()).hasMessageContaining("weak reference");
  }

  @Test
  void callsOftenAtLittleCost() {
    py.exec("def add(a, b): return a + b");
    try (PyFunction add = py.eval("add").function()) {
      assertThat(add.callLong(1, 2)).isEqualTo(3);
      assertThat(add.callLong(Long.MAX_VALUE, Long.MIN_VALUE)).isEqualTo(-1);
      assertThatThrownBy(() -> add.callLong(Long.MAX_VALUE, 1))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("64 bits");
      assertThat(add.callDouble(0.5, 0.25)).isEqualTo(0.75);
      assertThat(add.callAs(String.class, "a", "b")).isEqualTo("ab");
      assertThat(add.call(1, 2).as(Integer.class)).isEqualTo(3);
      add.run(1, 2);
      assertThatThrownBy(() -> add.callLong(1)).hasMessageContaining("TypeError");
      assertThatThrownBy(() -> add.callAs(Integer.class, "a", "b"))
          .isInstanceOf(ClassCastException.class);
    }
    PyFunction none = py.eval("lambda *a: None").function();
    assertThatThrownBy(() -> none.callAs(String.class)).hasMessageContaining("NoneType");
    assertThatThrownBy(() -> none.callLong(1)).isInstanceOf(ClassCastException.class);
    assertThat(py.eval("lambda x: -x").function().callDouble(1)).isEqualTo(-1);
  }
}
