package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers of Python as parameters of Java, which they fit or not. */
@Timeout(60)
class JavaNumbersTest {
  private final Attached py = EmbeddedPython.main().attach();

  @BeforeEach
  void names() {
    SampleNumbers.calls = 0;
    py.exec(
        """
        from sluice import java
        Takers = java.type("dev.sluice.python.SampleNumbers")
        def outcome(name, value):
            try:
                getattr(Takers, name)(value)
                return "taken"
            except Exception as e:
                return type(e).__name__
        """);
  }

  @AfterEach
  void detach() {
    py.close();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "ofDouble,10**308,10**400,OverflowError",
        "ofDouble,float('nan'),'x',TypeError",
        "ofFloat,1e38,1e39,OverflowError",
        "ofFloat,10**38,10**39,OverflowError",
        "ofFloat,float('inf'),10**400,OverflowError",
        "ofLong,2**63-1,2**63,OverflowError",
        "ofLong,-2**63,10**400,OverflowError",
        "ofLong,True,1.0,TypeError",
        "ofInt,2**31-1,2**31,OverflowError",
        "ofShort,-2**15,2**15,OverflowError",
        "ofByte,127,128,OverflowError",
        "ofChar,'x','xy',TypeError",
        "ofChar,'x',10**400,TypeError",
        "ofBoxedDouble,10**308,10**400,OverflowError",
        "ofBoxedFloat,1e38,1e39,OverflowError",
        "ofBoxedFloat,10**38,10**39,OverflowError",
        "ofBoxedFloat,float('inf'),10**400,OverflowError",
        "ofBoxedLong,2**63-1,2**63,OverflowError",
        "ofBoxedInt,2**31-1,2**31,OverflowError",
        "ofBoxedShort,-2**15,2**15,OverflowError",
        "ofBoxedShort,1,10**400,OverflowError",
        "ofBoxedByte,127,128,OverflowError",
        "ofBoxedChar,'x','xy',TypeError",
        "ofBoxedChar,'x',10**400,TypeError",
        "ofDoubles,10**308,10**400,OverflowError",
      })
  void javaGetsOnlyWhatFits(String name, String fits, String doesNot, String error) {
    PyObject outcome = py.eval("outcome");
    assertThat(outcome.call(name, py.eval(fits)).as(String.class)).isEqualTo("taken");
    assertThat(outcome.call(name, py.eval(doesNot)).as(String.class)).isEqualTo(error);
    assertThat(SampleNumbers.calls).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10**5000", "-10**5000", "2**64", "-2**64", "2**63", "1 << 400000"})
  void carriesIntsOfAnySize(String expression) {
    py.exec("n = " + expression);
    assertThat(py.eval("Takers.bits(n) == (n if n > 0 else ~n).bit_length()").isTrue()).isTrue();
    assertThat(py.eval("Takers.same(n) == n and type(Takers.same(n)) is int").isTrue()).isTrue();
    assertThat(py.eval("Takers.power(20000) == 1 << 20000").isTrue()).isTrue();
    BigInteger value = py.eval("n").as(BigInteger.class);
    assertThat(py.toPython(value).isEqual(py.eval("n"))).isTrue();
    py.module("numbers_of_java")
        .function("identity", Function.class, Function.<Object>identity())
        .value("constant", value);
    assertThat(py.eval("__import__('numbers_of_java').identity(n) == n").isTrue()).isTrue();
    assertThat(py.eval("__import__('numbers_of_java').constant == n").isTrue()).isTrue();
  }

  @Test
  void elementsOfArraysHaveToFit() {
    PyObject put = py.eval("lambda array, value: array.__setitem__(0, value)");
    record Case(Object array, String good, String bad, String error) {}
    for (Case each :
        new Case[] {
          new Case(new double[1], "10**308", "10**400", "OverflowError"),
          new Case(new float[1], "1e38", "1e39", "OverflowError"),
          new Case(new float[1], "float('inf')", "10**400", "OverflowError"),
          new Case(new long[1], "-2**63", "2**63", "OverflowError"),
          new Case(new short[1], "-2**15", "2**15", "OverflowError"),
          new Case(new boolean[1], "True", "1", "TypeError"),
          new Case(new int[1], "1", "1.5", "TypeError"),
        }) {
      PyObject array = py.module("arrays").value("array", each.array()).module().attr("array");
      put.call(array, py.eval(each.good())).close();
      assertThatThrownBy(() -> put.call(array, py.eval(each.bad())))
          .hasMessageContaining(each.error());
    }
  }

  @Test
  void whatDoesNotFitIsAnArithmeticExceptionInJava() {
    for (Class<?> type : new Class<?>[] {double.class, float.class, Double.class, long.class}) {
      assertThatThrownBy(() -> py.eval("10**400").as(type))
          .as(type.getName())
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("1329 bits");
    }
    assertThat(py.eval("10**400").as(BigDecimal.class)).isEqualByComparingTo("1e400");
  }
}
