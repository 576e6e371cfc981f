package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Exceptions over the border, in both directions and several times. */
@Timeout(60)
class JavaExceptionsTest {
  private final Attached py = EmbeddedPython.main().attach();

  @BeforeEach
  void names() {
    py.exec(
        """
        import traceback
        from sluice import java
        Sample = java.type("dev.sluice.python.Sample")
        IOException = java.type("java.io.IOException")
        def call(function): return function()
        def trace(function):
            try:
                function()
            except BaseException as e:
                return "".join(traceback.format_exception(e))
        """);
  }

  @AfterEach
  void detach() {
    py.close();
  }

  private String value(String expression) {
    return py.eval(expression).toString();
  }

  private void define(String name, ThrowingFunction function) {
    py.module("crossing").function(name, (scope, arguments) -> function.call(arguments));
    py.exec("from crossing import " + name);
  }

  private interface ThrowingFunction {
    @Nullable Object call(@Nullable Object... arguments) throws Exception;
  }

  @Test
  void pythonCatchesByJavasClasses() {
    py.exec(
        """
        def attempt(kind):
            try:
                Sample.fail("broken")
            except kind as e:
                return type(e) is IOException, str(e), repr(e), e.getMessage(), e.args
        """);
    String expected = "(True, 'broken', \"java.io.IOException('broken')\", 'broken', ('broken',))";
    for (String kind :
        List.of("java.io.IOException", "java.lang.Exception", "java.lang.Throwable")) {
      assertThat(value("attempt(java.type('" + kind + "'))")).isEqualTo(expected);
    }
    assertThat(value("attempt(Exception)")).isEqualTo(expected);
    assertThatThrownBy(() -> py.eval("attempt(java.type('java.io.EOFException'))"))
        .isInstanceOf(IOException.class);
  }

  @Test
  void showsJavaFramesInPythonsTraceback() {
    assertThat(value("trace(lambda: call(lambda: Sample.fail('broken')))"))
        .containsSubsequence(
            "Traceback (most recent call last):",
            "in call",
            "in <lambda>",
            "File \"Sample.java\", line ",
            "in dev.sluice.python.Sample.fail",
            "java.io.IOException: broken")
        .doesNotContain("exposed", "JavaExceptionsTest", "junit");
  }

  @Test
  void javaGetsTheVeryThrowable() {
    IOException original = new IOException("mine");
    define(
        "thrower",
        arguments -> {
          throw original;
        });
    Throwable thrown = catchThrowable(() -> py.eval("call(thrower)"));
    assertThat(thrown).isSameAs(original);
    assertThat(methods(thrown))
        .containsSubsequence("call", "<module>", "eval", "javaGetsTheVeryThrowable");
  }

  private static List<String> methods(Throwable throwable) {
    return Arrays.stream(throwable.getStackTrace()).map(StackTraceElement::getMethodName).toList();
  }

  @Test
  void keepsPythonsExceptionAndBothStacksOverFiveCrossings() {
    define("java1", arguments -> call(arguments[0]));
    define("java2", arguments -> call(arguments[0]));
    py.exec(
        """
        original = ValueError("deep")
        def python3(): raise original
        def python2(): return java2(python3)
        def python1(): return java1(python2)
        """);
    Throwable thrown = catchThrowable(() -> py.eval("call(python1)"));
    assertThat(thrown).isInstanceOf(PythonException.class).hasMessage("ValueError: deep");
    py.module("crossing").value("caught", ((PythonException) thrown).exception());
    py.exec("import crossing");
    assertThat(value("crossing.caught is original")).isEqualTo("True");
    assertThat(methods(thrown))
        .containsSubsequence(
            "python3", "call", "python2", "call", "python1", "call", "<module>", "eval");
    assertThat(((PythonException) thrown).traceback())
        .containsSubsequence(
            "in call",
            "in python1",
            "JavaExceptionsTest.java",
            "in python2",
            "JavaExceptionsTest.java",
            "in python3",
            "ValueError: deep");
  }

  private @Nullable Object call(@Nullable Object function) {
    return ((PyObject) java.util.Objects.requireNonNull(function)).call();
  }

  @Test
  void keepsJavasThrowableOverFiveCrossings() {
    FileNotFoundException original = new FileNotFoundException("deep");
    define(
        "java3",
        arguments -> {
          throw original;
        });
    define("java1", arguments -> call(arguments[0]));
    define(
        "java2",
        arguments -> {
          try {
            return call(arguments[0]);
          } catch (RuntimeException e) {
            throw new AssertionError("it should have been the original", e);
          }
        });
    py.exec(
        """
        seen = []
        def python3(): return java3()
        def python2():
            try:
                return java2(python3)
            except IOException as e:
                seen.append(e)
                raise
        def python1(): return java1(python2)
        try:
            python1()
        except IOException as e:
            seen.append(e)
            text = "".join(traceback.format_exception(e))
        """);
    assertThat(value("seen[0] is seen[1], seen[1].getMessage()")).isEqualTo("(True, 'deep')");
    assertThat(value("text"))
        .containsSubsequence(
            "in python1",
            ".java",
            "in python2",
            ".java",
            "in python3",
            ".java",
            "java.io.FileNotFoundException: deep");
    assertThat(catchThrowable(() -> py.eval("call(python1)"))).isSameAs(original);
  }

  @Test
  void mapsCauses() {
    py.exec(
        """
        def chained():
            try:
                {}["key"]
            except KeyError as e:
                raise ValueError("outer") from e
        def handling():
            try:
                Sample.fail("first")
            except IOException:
                raise ValueError("second")
        """);
    assertThatThrownBy(() -> py.eval("chained()"))
        .hasMessage("ValueError: outer")
        .cause()
        .hasMessage("KeyError: 'key'");
    assertThatThrownBy(() -> py.eval("handling()"))
        .hasMessage("ValueError: second")
        .cause()
        .isInstanceOf(IOException.class)
        .hasMessage("first");
    define(
        "wrapped",
        arguments -> {
          throw new IllegalStateException("outer", new IOException("inner"));
        });
    assertThat(value("trace(wrapped)"))
        .containsSubsequence("java.io.IOException: inner", "IllegalStateException: outer");
  }

  @Test
  void passesInterruptsAndExits() {
    define("through", arguments -> call(arguments[0]));
    for (String type : List.of("KeyboardInterrupt", "SystemExit", "GeneratorExit")) {
      py.exec(
          """
          def leave(): raise %s()
          try:
              through(leave)
          except BaseException as e:
              passed = type(e).__name__
          """
              .formatted(type));
      assertThat(value("passed")).isEqualTo(type);
    }
  }

  @Test
  void pythonRaisesJavasExceptions() {
    py.exec("def fail(): raise IOException('from python')");
    assertThatThrownBy(() -> py.eval("fail()"))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("from python")
        .satisfies(e -> assertThat(methods(e)).contains("fail"));
    py.exec(
        """
        class Mine(IOException):
            pass
        try:
            raise Mine("mine")
        except IOException as e:
            kind = type(e).__name__, str(e)
        """);
    assertThat(value("kind")).isEqualTo("('Mine', 'mine')");
  }
}
