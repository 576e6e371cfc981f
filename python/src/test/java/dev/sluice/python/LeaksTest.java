package dev.sluice.python;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The leak test mode, in a process of its own, because a property turns it on. */
@Timeout(60)
class LeaksTest {
  @Test
  void namesWhereUnclosedObjectsWereMade() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Dsluice.leaks=true",
                "-Dsluice.test.python=" + System.getProperty("sluice.test.python", ""),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output)
        .contains("collected without close(), made at")
        .contains("Child.forget")
        .contains("3 open reference(s) made at")
        .contains("live: 3 at keep")
        .contains("collected: 2 at forget")
        .doesNotContain("at closeAll");
  }

  @Test
  void saysNothingWithoutTheProperty() {
    assertThat(EmbeddedPython.main().leaks()).isEmpty();
  }

  /** The program: it keeps some objects, forgets some and closes the rest. */
  static final class Child {
    private static final List<PyObject> KEPT = new ArrayList<>();

    private Child() {}

    public static void main(String[] arguments) throws InterruptedException {
      Thread thread = Python.newThread("child-main", Child::run);
      thread.start();
      thread.join();
    }

    private static void run() {
      try (Python python = Python.open(TestedPython.options())) {
        Interpreter main = python.main();
        try (Attached py = main.attach()) {
          keep(py);
          forget(py);
          closeAll(py);
        }
        for (int i = 0; i < 200 && count(main, false, "forget") < 2; i++) {
          System.gc();
          Thread.sleep(10);
          main.attach().close();
        }
        System.out.println("live: " + count(main, true, "keep") + " at keep");
        System.out.println("collected: " + count(main, false, "forget") + " at forget");
        if (count(main, true, "closeAll") + count(main, false, "closeAll") > 0) {
          System.out.println("something is left at closeAll");
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private static void keep(Attached py) {
      for (int i = 0; i < 3; i++) {
        KEPT.add(py.toPython(i));
      }
    }

    private static void forget(Attached py) {
      for (int i = 0; i < 2; i++) {
        assertThat(py.eval("[]").isNone()).isFalse();
      }
    }

    private static void closeAll(Attached py) {
      for (int i = 0; i < 2; i++) {
        py.eval("[]").close();
      }
    }

    private static long count(Interpreter interpreter, boolean live, String method) {
      return interpreter.leaks().stream()
          .filter(leak -> leak.live() == live)
          .filter(leak ->
              leak.site().stream().limit(1).anyMatch(frame -> frame.getMethodName().equals(method)))
          .mapToLong(Leak::count)
          .sum();
    }
  }
}
