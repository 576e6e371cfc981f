package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Child processes of a JVM: forking is refused, starting programs and spawning work. */
@Timeout(60)
class ProcessesTest {
  private final Interpreter main = EmbeddedPython.main();

  @BeforeEach
  void imports() {
    try (Attached py = main.attach()) {
      py.exec("import multiprocessing, os, posix, pty, subprocess, sys");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "os.fork()",
        "posix.fork()",
        "os.forkpty()",
        "posix.forkpty()",
        "pty.fork()",
        "pty.spawn(['true'])",
        "multiprocessing.get_context('fork').Process(target=print).start()",
        "multiprocessing.get_context('fork').Pool(1)"
      })
  void forkingIsRefusedWithTheReason(String code) {
    try (Attached py = main.attach()) {
      String descriptors = "len(os.listdir('/proc/self/fd'))";
      long before = py.eval(descriptors).as(Long.class);
      assertThatThrownBy(() -> py.eval(code))
          .isInstanceOf(PythonException.class)
          .hasMessageContaining("OSError")
          .hasMessageContaining("SL140")
          .hasMessageContaining("subprocess");
      if (code.contains("pty")) {
        assertThat(py.eval(descriptors).as(Long.class)).isEqualTo(before);
      }
    }
  }

  @Test
  void programsAreStarted() {
    try (Attached py = main.attach()) {
      assertThat(
              py.eval("subprocess.check_output([sys.executable, '-c', 'print(6*7)'], text=True)")
                  .as(String.class))
          .isEqualToIgnoringNewLines("42\n");
      assertThat(py.eval("os.system('exit 3')").as(Integer.class)).isEqualTo(3 << 8);
      assertThat(
              py.eval("subprocess.run(['true'], preexec_fn=os.setsid).returncode")
                  .as(Integer.class))
          .isZero();
    }
  }

  /** The forked child would wait for the JVM's other threads for ever, and its parent for it. */
  @Test
  void javaIsRefusedBetweenForkAndExec() {
    try (Attached py = main.attach()) {
      py.exec(
          """
          def use_java():
              from sluice import java
              try:
                  import no_such_module
              except ImportError:
                  java.type('java.util.ArrayList')
          """);
      assertThatThrownBy(() -> py.eval("subprocess.run(['true'], preexec_fn=use_java)"))
          .hasMessageContaining("SubprocessError");
      assertThat(py.eval("__import__('sluice.java').java.type('java.util.ArrayList')()").toString())
          .isEqualTo("[]");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"None", "'spawn'", "'forkserver'"})
  void multiprocessingWorks(String method) {
    try (Attached py = main.attach()) {
      py.exec(
          """
          def squares(method):
              with multiprocessing.get_context(method).Pool(1) as pool:
                  return sum(pool.map(abs, [-1, -2, -3]))
          """);
      assertThat(py.eval("squares(" + method + ")").as(Integer.class)).isEqualTo(6);
      assertThat(py.eval("multiprocessing.get_start_method()").as(String.class)).isEqualTo("spawn");
    }
  }

  @Test
  void aSpawnedPythonSaysThatJavaIsNotThere() {
    try (Attached py = main.attach()) {
      py.exec(
          """
          def ask_for_java():
              with multiprocessing.Pool(1) as pool:
                  return pool.apply(eval, ("__import__('sluice.java').java.type('a.B')",))
          """);
      assertThatThrownBy(() -> py.eval("ask_for_java()"))
          .hasMessageContaining("RuntimeError")
          .hasMessageContaining("does not run inside a Java virtual machine")
          .hasMessageContaining("sluice run");
    }
  }
}
