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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Python code may ask Java for, rightly and wrongly. */
@Timeout(60)
class JavaDoorTest {
  private final Attached py = EmbeddedPython.main().attach();

  @BeforeEach
  void names() {
    py.exec("from sluice import java, _java_door\ncall = _java_door.call");
  }

  @AfterEach
  void detach() {
    py.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "call()|TypeError: call() needs an operation",
        "call(5)|TypeError: the operation must be a str, not int",
        "call('nothing')|TypeError: Java knows no operation nothing",
        "call('type', name='x')|TypeError: call() takes no keyword arguments",
        "call('type')|TypeError: type takes 1 argument, not 0",
        "call('type', 'a', 'b')|TypeError: type takes 1 argument, not 2",
        "call('find')|TypeError: find takes 1 argument, not 0",
        "call('load', 'x')|TypeError: load takes 2 arguments, not 1",
        "call('load', 5, 5)|TypeError: the name of a module must be a str, not int",
        "call('link', 'x', 'y')|TypeError: a type must be an int, not str",
        "call('link', 2**70, 'y')|ValueError: a type is out of range",
        "call('link', -1, 'y')|ValueError: a type is out of range",
        "call('link', 10**6, 'y')|TypeError: there is no Java type of the number 1000000",
        "call('link', 0, 'nothing')|AttributeError: nothing",
        "call('stubs', 'x')|TypeError: stubs takes 2 arguments, not 1",
        "java.type(5)|TypeError: the name of a Java class must be a str, not int",
        "java.type(None)|TypeError: the name of a Java class must be a str, not NoneType",
        "java.type(b'java.util.List')|TypeError: the name of a Java class must be a str, not bytes",
        "java.type(list)|TypeError: the name of a Java class must be a str, not type",
        "java.type('x' * 10**6)|ImportError: sluice SL150: there is no Java class xxx",
        "java.type('a.' * 10**6)|ImportError: sluice SL150: there is no Java class a.a.a",
        "java.type('int' + '[]' * 10**6)|ImportError: sluice SL150: there is no Java class int[]",
        "java.type('void[]')|TypeError: sluice SL151",
        "java.type('')|ImportError: sluice SL150",
        "java.path(5)|TypeError: expected str, bytes or os.PathLike object, not int",
        "java.path('a\\0b')|ValueError: Nul character not allowed",
        "java.path(b'/no-such-folder')|ImportError: sluice SL152",
        "java.stubs(5, '.')|TypeError: the name of a module must be a str, not int",
        "java.stubs('json', 5)|TypeError: expected str, bytes or os.PathLike object, not int",
      })
  void refusesWhatItCannotRead(String expression, String message) {
    assertThatThrownBy(() -> py.eval(expression))
        .isInstanceOf(PythonException.class)
        .message()
        .startsWith(message)
        .hasSizeLessThan(500);
  }

  @Test
  void findsArrays() {
    assertThat(py.eval("len(java.type('int[]')(3))").as(int.class)).isEqualTo(3);
    Object strings = py.eval("java.type('java.lang.String[][]')(2)").as(Object.class);
    assertThat(strings).isInstanceOf(String[][].class);
  }

  @Test
  void takesPathsOfAnyKind(@TempDir Path folder) throws IOException {
    for (String name : new String[] {"AsText", "AsBytes", "AsPath"}) {
      Files.writeString(
          folder.resolve(name + ".java"),
          "public class %s { public static int one() { return 1; } }".formatted(name));
    }
    py.exec("import os, pathlib\nfolder = r'%s'".formatted(folder));
    py.exec("java.path(folder + '/AsText.java', os.fsencode(folder + '/AsBytes.java'))");
    py.exec("java.path(pathlib.Path(folder) / 'AsPath.java')");
    assertThat(
            py.eval("sum(java.type(n).one() for n in ('AsText', 'AsBytes', 'AsPath'))")
                .as(int.class))
        .isEqualTo(3);
  }
}
