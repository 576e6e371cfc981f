package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers, text and single values, both ways. */
@Timeout(60)
class ConversionsTest {
  private final Attached py = EmbeddedPython.main().attach();

  @AfterEach
  void detach() {
    py.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "1",
        "-1",
        "255",
        "1073741823",
        "1073741824",
        "-1073741823",
        "-1073741824",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "-340282366920938463463374607431768211456"
      })
  void carriesIntsOfAnySize(String digits) {
    BigInteger number = new BigInteger(digits);
    PyObject object = py.toPython(number);
    assertThat(object.toString()).isEqualTo(digits);
    assertThat(object.as(BigInteger.class)).isEqualTo(number);
    assertThat(object.type()).isEqualTo(py.eval("int"));
    if (number.bitLength() < 64) {
      assertThat(object.as(Long.class)).isEqualTo(number.longValueExact());
      assertThat(object.as(Object.class)).isEqualTo(number.longValueExact());
    } else {
      assertThatThrownBy(() -> object.as(Long.class)).isInstanceOf(ArithmeticException.class);
      assertThat(object.as(Object.class)).isEqualTo(number);
    }
  }

  @Test
  void carriesHugeInts() {
    BigInteger huge = BigInteger.ONE.shiftLeft(1_000_000).subtract(BigInteger.TWO);
    assertThat(py.toPython(huge).as(BigInteger.class)).isEqualTo(huge);
    assertThat(py.eval("-(1 << 1000000) + 2").as(BigInteger.class)).isEqualTo(huge.negate());
    assertThatThrownBy(() -> py.toPython(huge).as(long.class)).hasMessageContaining("1000000 bits");
  }

  @Test
  void neverCutsNumbers() {
    assertThat(py.eval("127").as(byte.class)).isEqualTo((byte) 127);
    assertThat(py.eval("-32768").as(Short.class)).isEqualTo(Short.MIN_VALUE);
    assertThatThrownBy(() -> py.eval("128").as(byte.class))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("128")
        .hasMessageContaining("byte");
    assertThatThrownBy(() -> py.eval("32768").as(short.class))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> py.eval("2**31").as(int.class))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> py.eval("1.0").as(int.class)).isInstanceOf(ClassCastException.class);
    assertThatThrownBy(() -> py.eval("1e300").as(float.class))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> py.eval("10**400").as(double.class))
        .isInstanceOf(ArithmeticException.class);
    assertThat(py.eval("True").as(int.class)).isEqualTo(1);
    assertThatThrownBy(() -> py.eval("1").as(boolean.class)).isInstanceOf(ClassCastException.class);
  }

  @Test
  void readsWhatStandsForANumber() {
    py.exec(
        """
        import enum, decimal
        class Index:
            def __index__(self): return 2**70
        class Odd(int):
            def to_bytes(self, *a, **k): return 'not bytes'
            def bit_length(self): return 'many'
        class Level(enum.IntEnum): HIGH = 3
        class Bad:
            def __index__(self): raise ValueError('no')
        """);
    assertThat(py.eval("Index()").as(BigInteger.class)).isEqualTo(BigInteger.TWO.pow(70));
    assertThat(py.eval("Odd(2**70)").as(BigInteger.class)).isEqualTo(BigInteger.TWO.pow(70));
    assertThatThrownBy(() -> py.eval("Odd(2**70)").as(long.class)).hasMessageContaining("71 bits");
    assertThat(py.eval("Level.HIGH").as(int.class)).isEqualTo(3);
    assertThatThrownBy(() -> py.eval("Bad()").as(int.class)).hasMessage("ValueError: no");
    assertThat(py.eval("decimal.Decimal('0.5')").as(double.class)).isEqualTo(0.5);
    assertThat(py.eval("7").as(double.class)).isEqualTo(7);
    assertThatThrownBy(() -> py.eval("'7'").as(double.class))
        .isInstanceOf(ClassCastException.class);
    assertThatThrownBy(() -> py.eval("1j").as(double.class)).isInstanceOf(ClassCastException.class);
  }

  @Test
  void carriesFloatsAndComplexNumbers() {
    for (double number : new double[] {0, -0.0, 1.5, Double.MIN_VALUE, Double.MAX_VALUE, 1 / 0.0}) {
      assertThat(py.toPython(number).as(Double.class)).isEqualTo(number);
    }
    assertThat(py.toPython(Double.NaN).as(Double.class)).isNaN();
    assertThat(py.toPython(1.5f).as(Float.class)).isEqualTo(1.5f);
    assertThat(py.toPython(Float.NEGATIVE_INFINITY).as(float.class)).isEqualTo(-1 / 0f);
    assertThat(py.toPython(new Complex(1, -2)).repr()).isEqualTo("(1-2j)");
    assertThat(py.eval("3j").as(Complex.class)).isEqualTo(new Complex(0, 3));
    assertThat(py.eval("2").as(Complex.class)).isEqualTo(new Complex(2, 0));
    assertThat(py.eval("2j").as(Object.class)).isEqualTo(new Complex(0, 2));
    assertThat(py.eval("2.5").as(Number.class)).isEqualTo(2.5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1.10", "-1E+30", "1E-400", "123456789012345678901234567890.5"})
  void carriesDecimals(String digits) {
    BigDecimal number = new BigDecimal(digits);
    assertThat(py.toPython(number).as(BigDecimal.class)).isEqualTo(number);
    assertThat(py.toPython(number).as(Object.class)).isEqualTo(number);
    assertThat(py.toPython(number).type().attr("__name__").as(String.class)).isEqualTo("Decimal");
  }

  @Test
  void refusesDecimalsThatAreNoNumbers() {
    assertThatThrownBy(
            () -> py.importModule("decimal").callMethod("Decimal", "NaN").as(BigDecimal.class))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> py.eval("0.1").as(BigDecimal.class))
        .isInstanceOf(ClassCastException.class);
    assertThat(py.eval("2**70").as(BigDecimal.class))
        .isEqualTo(new BigDecimal(BigInteger.TWO.pow(70)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?",
        "a?b",
        "ascii",
        "h\u00e9",
        "\u00ff",
        "\u0100",
        "\u20ac?",
        "\ud83d\ude00",
        "\0",
        "\ud800",
        "\udfff",
        "a\ud800?",
        "\udc00\ud800",
        "\u00e9\ud83d",
        "x\ud83d\ude00\ud83d"
      })
  void carriesAllText(String text) {
    PyObject object = py.toPython(text);
    assertThat(object.as(String.class)).isEqualTo(text);
    assertThat(object.as(char[].class)).isEqualTo(text.toCharArray());
    assertThat(py.toPython(text.toCharArray()).as(CharSequence.class)).isEqualTo(text);
    assertThat(py.toPython(java.nio.CharBuffer.wrap(text)).isEqual(object)).isTrue();
    String longText = text.repeat(70_000);
    assertThat(py.toPython(longText).as(String.class)).isEqualTo(longText);
    py.exec("class Text(str): pass");
    assertThat(py.eval("Text").call(text).as(String.class)).isEqualTo(text);
  }

  @Test
  void carriesCharacters() {
    assertThat(py.toPython('\u20ac').as(char.class)).isEqualTo('\u20ac');
    assertThatThrownBy(() -> py.eval("'ab'").as(char.class)).isInstanceOf(ClassCastException.class);
    assertThatThrownBy(() -> py.toPython("\ud83d\ude00").as(char.class))
        .isInstanceOf(ClassCastException.class);
  }

  @Test
  void joinsSurrogatesThatPythonKeepsApart() {
    // Two characters in Python, one in Java, and one when it comes back.
    PyObject apart = py.eval("chr(0xd83d) + chr(0xde00)");
    assertThat(apart.as(String.class)).isEqualTo("\ud83d\ude00");
    assertThat(apart.length()).isEqualTo(2);
    assertThat(py.toPython(apart.as(String.class)).length()).isEqualTo(1);
  }

  @Test
  void carriesBytes() {
    assertThat(py.toPython(new byte[0]).as(byte[].class)).isEmpty();
    assertThat(py.toPython(new byte[] {0, -1, 10}).repr()).isEqualTo("b'\\x00\\xff\\n'");
    assertThat(py.eval("b'\\x80'").as(byte[].class)).containsExactly(-128);
    assertThat(py.eval("b'ab'").as(Object.class)).isEqualTo(new byte[] {'a', 'b'});
    assertThatThrownBy(() -> py.eval("'ab'").as(byte[].class))
        .isInstanceOf(ClassCastException.class);
  }

  @Test
  void carriesIdentifiersAndPaths() {
    UUID uuid = UUID.fromString("00000000-0000-0000-8000-0000000000ff");
    assertThat(py.toPython(uuid).as(UUID.class)).isEqualTo(uuid);
    assertThat(py.toPython(uuid).as(Object.class)).isEqualTo(uuid);
    assertThatThrownBy(() -> py.eval("'x'").as(UUID.class)).isInstanceOf(ClassCastException.class);
    Path path = Path.of("a", "b c");
    assertThat(py.toPython(path).type().attr("__module__").as(String.class)).startsWith("pathlib");
    assertThat(py.toPython(path).as(Path.class)).isEqualTo(path);
    assertThat(py.toPython(path).as(Object.class)).isEqualTo(path);
    assertThat(py.eval("'x/y'").as(Path.class)).isEqualTo(Path.of("x/y"));
  }

  @Test
  void treatsNoneAsNothing() {
    PyObject none = py.eval("None");
    assertThat(py.toPython(Optional.empty()).isNone()).isTrue();
    assertThat(py.toPython(Optional.of(1)).as(Integer.class)).isEqualTo(1);
    assertThat(none.asOptional(String.class)).isEmpty();
    assertThat(none.asOptional(int.class)).isEmpty();
    assertThat(none.asOptional(Object.class)).isEmpty();
    assertThat(py.eval("3").asOptional(int.class)).contains(3);
    assertThat(none.as(new TypeRef<Optional<String>>() {})).isEmpty();
    assertThat(py.eval("'a'").as(new TypeRef<Optional<String>>() {})).contains("a");
    assertThat(none.as(PyObject.class).isNone()).isTrue();
    for (Class<?> type :
        List.of(String.class, Object.class, int.class, Map.class, Runnable.class)) {
      assertThatThrownBy(() -> none.as(type))
          .isInstanceOf(ClassCastException.class)
          .hasMessageContaining("None");
    }
  }
}
