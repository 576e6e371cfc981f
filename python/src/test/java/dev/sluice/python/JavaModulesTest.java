package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Python modules made of Java, from services, from code and from sources; and their stubs. */
@Timeout(60)
class JavaModulesTest {
  private final Attached py = EmbeddedPython.main().attach();

  @BeforeEach
  void names() {
    py.exec("from sluice import java");
  }

  @AfterEach
  void detach() {
    py.close();
  }

  private String value(String expression) {
    return py.eval(expression).toString();
  }

  @Test
  void importsWhatServicesOffer() {
    py.exec("import sample_of_java as m");
    assertThat(value("m.Sample('a', 2).addTo(3), m.add(1, 2), m.count(1, 'x', None), m.answer"))
        .isEqualTo("(5, 3, 3, 42)");
    assertThat(value("m.twice('x'), m.twice(4)")).isEqualTo("('xx', 8)");
    assertThat(value("m.Sample is java.type('dev.sluice.python.Sample')")).isEqualTo("True");
    assertThatThrownBy(() -> py.exec("import no_such_module"))
        .hasMessageContaining("ModuleNotFoundError");
  }

  @Test
  void isReachedThroughThePackage() {
    py.exec(
        """
        import sys, sluice
        known = sys.modules.pop('sluice.java'), vars(sluice).pop('java')
        again = sluice.java
        sys.modules['sluice.java'] = sluice.java = known[0]
        """);
    assertThat(value("again.type('java.lang.Object') is known[0].type('java.lang.Object')"))
        .isEqualTo("True");
    assertThatThrownBy(() -> py.exec("sluice.jav")).hasMessageContaining("AttributeError");
  }

  @Test
  void makesModulesInCode() {
    py.module("made").type(Sample.class).value("list", java.util.List.of(1, 2));
    py.module("made").value("more", "text");
    py.exec("import made");
    assertThat(value("made.Sample.add(1, 1), list(made.list), made.more"))
        .isEqualTo("(2, [1, 2], 'text')");
    assertThatThrownBy(() -> py.module("made").type(Hidden.class))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(PythonError.CLASS_NOT_PUBLIC));
  }

  private static final class Hidden {}

  @Test
  void saysWhatIsMissing() {
    assertThatThrownBy(() -> py.exec("java.type('no.such.Class')"))
        .hasMessageContaining("ImportError")
        .hasMessageContaining("SL150")
        .hasMessageContaining("no.such.Class");
    assertThatThrownBy(() -> py.exec("java.type('dev.sluice.python.Conversions')"))
        .hasMessageContaining("TypeError")
        .hasMessageContaining("SL151");
    assertThatThrownBy(() -> py.exec("java.path('no-such-folder')")).hasMessageContaining("SL152");
    assertThatThrownBy(() -> py.exec("java.type('java.util.List')()"))
        .hasMessageContaining("TypeError");
    assertThatThrownBy(() -> py.exec("java.type('java.util.ArrayList')('x', 'y')"))
        .hasMessageContaining("TypeError")
        .hasMessageContaining("ArrayList(Collection)");
  }

  @Test
  void compilesSources(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("Greeter.java"),
        "public class Greeter { public static String greet(String n) { return \"hi \" + n; } }");
    py.exec("java.path(r'%s')".formatted(folder));
    assertThat(value("java.type('Greeter').greet('you')")).isEqualTo("hi you");
    Path wrong = Files.writeString(folder.resolve("Wrong.java"), "class Wrong { int }");
    assertThatThrownBy(() -> py.exec("java.path(r'%s')".formatted(wrong)))
        .hasMessageContaining("SL153")
        .hasMessageContaining("Wrong.java:1");
  }

  @Test
  void writesStubs(@TempDir Path folder) throws IOException {
    Path file = Path.of(value("java.stubs('sample_of_java', r'%s')".formatted(folder)));
    assertThat(file).isEqualTo(folder.resolve("sample_of_java.pyi"));
    assertThat(Files.readString(file))
        .contains(
            "class Sample:",
            "    LIMIT: ClassVar[int]",
            "    def __init__(self, name: str, size: int, /) -> None: ...",
            "    @staticmethod\n    def add(a: int, b: int, /) -> int: ...",
            "    @staticmethod\n    def join(separator: str, /, *parts: Any) -> str: ...",
            "    @staticmethod\n    def words(text: str, /) -> int: ...",
            "    class Inner:\n        def __init__(self) -> None: ...",
            "def count(*arguments: Any) -> Any: ...",
            "answer: int");
    assertThat(folder.resolve("_sluice_java.pyi")).isNotEmptyFile();
    // The stub itself has to be Python.
    py.exec("import ast, pathlib\nast.parse(pathlib.Path(r'%s').read_text())".formatted(file));
    assertThatThrownBy(() -> py.exec("java.stubs('json', '.')")).hasMessageContaining("SL154");
  }

  @Test
  void stubsKnowGenericTypes(@TempDir Path folder) throws IOException {
    py.module("taking").type(Taking.class);
    py.exec("java.stubs('taking', r'%s')".formatted(folder));
    assertThat(Files.readString(folder.resolve("taking.pyi")))
        .contains(
            "    @overload\n    def __init__(self, value: int, /) -> None: ...",
            "    def sum(rows: Iterable[Iterable[int]], /) -> int: ...",
            "    def sizes(map: Mapping[str, Iterable[int]], /) -> int: ...",
            "    def maybe(value: int | None, /) -> str: ...",
            "    def length(text: Callable[[], str], /) -> int: ...",
            "    def all(tasks: Iterable[Callable[[], int]], /) -> int: ...",
            "    def longs() -> JavaMap[Any, Any]: ...",
            "    def listen(listener: Taking.Listener | Any, /) -> str: ...",
            "    def consume(consumer: Callable[[Any], object], /) -> None: ...");
  }
}
