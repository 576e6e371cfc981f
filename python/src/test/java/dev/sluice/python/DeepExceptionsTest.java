package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One exception over many crossings. */
@Timeout(60)
class DeepExceptionsTest {
  /** Before 3.14, no more than 38 fit into the stack of 1 MiB that a test has. */
  private static final int DEPTH = 30;

  private final Attached py = EmbeddedPython.main().attach();

  @BeforeEach
  void names() {
    py.module("deep_java")
        .function("through", PythonFunction.class, (scope, given) -> through(given));
    py.exec(
        """
        import traceback
        from deep_java import through
        from sluice import _frames
        def innermost(): raise ValueError("x")
        def down(n):
            return innermost() if n == 0 else through(down, n - 1)
        """);
  }

  @AfterEach
  void detach() {
    py.close();
  }

  private static @Nullable Object through(@Nullable Object... given) {
    PyObject function = (PyObject) Objects.requireNonNull(given[0]);
    return function.call(given[1]);
  }

  private static List<String> shown(Throwable thrown) {
    return Arrays.stream(thrown.getStackTrace())
        .map(StackTraceElement::getMethodName)
        .filter(method -> List.of("innermost", "down", "again", "through").contains(method))
        .toList();
  }

  @Test
  void keepsEveryFrameOfBothLanguages() {
    Throwable thrown = catchThrowable(() -> py.eval("down(%d)".formatted(DEPTH)));
    List<String> shown = shown(thrown);
    assertThat(shown).hasSize(2 * DEPTH + 2).startsWith("innermost", "down", "through", "down");
    for (int i = 1; i < shown.size(); i++) {
      assertThat(shown.get(i)).isEqualTo(i % 2 == 1 ? "down" : "through");
    }
    String text = ((PythonException) thrown).traceback();
    assertThat(text.lines().filter(line -> line.contains("in down"))).hasSize(DEPTH + 1);
    assertThat(text.lines().filter(line -> line.contains("DeepExceptionsTest.java")))
        .hasSizeGreaterThanOrEqualTo(DEPTH);
  }

  @Test
  void looksAtEachFrameAFewTimesOnly() {
    py.exec(
        """
        looked = 0
        real = _frames._seen
        def counting(traceback):
            global looked
            looked += 1
            return real(traceback)
        _frames._seen = counting
        """);
    try {
      assertThat(catchThrowable(() -> py.eval("down(%d)".formatted(DEPTH)))).isNotNull();
    } finally {
      py.exec("_frames._seen = real");
    }
    // If all were looked at again at each crossing, it would grow with the square of the depth.
    assertThat(py.eval("looked").as(int.class)).isBetween(2 * DEPTH, 20 * DEPTH);
  }

  @Test
  void showsWhatATracebackWasReplacedBy() {
    py.exec(
        """
        def again(n):
            try:
                return through(down, n)
            except ValueError as e:
                raise e.with_traceback(None)
        """);
    Throwable thrown = catchThrowable(() -> py.eval("through(again, 3)"));
    assertThat(shown(thrown)).containsExactly("again", "through");
    py.exec(
        """
        def again(n):
            try:
                return through(down, n)
            except ValueError as e:
                raise KeyError("other") from e
        """);
    thrown = catchThrowable(() -> py.eval("through(again, 1)"));
    assertThat(shown(thrown)).containsExactly("again", "through");
    assertThat(shown(Objects.requireNonNull(thrown.getCause())))
        .containsExactly("innermost", "down", "through", "down", "through", "again");
  }
}
