package dev.sluice.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.InterpreterOptions;
import dev.sluice.python.Python;
import dev.sluice.python.PythonException;
import dev.sluice.python.capi.BuiltinFunctions;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Guards of several interpreters; on the one Python that this JVM can open. */
class InterpretersTest {
  private static final String SLEEPS =
      """
      import time, threading, sluice.guard
      early = time.sleep
      held = threading.Lock()
      held.acquire()
      stray = type(held).acquire
      def refused(function, *args):
          with sluice.guard.guarded():
              try:
                  function(*args)
              except sluice.guard.BlockingCallError:
                  return True
              return False
      def all_refused():
          return refused(early, 0.001) and refused(held.acquire) and refused(stray, held)
      """;

  private static boolean is(Attached py, String expression) {
    return py.eval(expression).as(Boolean.class);
  }

  @Test
  void thePythonIsKnown() {
    try (Attached py = OnePython.PYTHON.main().attach()) {
      assertThat(is(py, "True")).isTrue();
      assertThat(BuiltinFunctions.verify()).isEmpty();
    }
  }

  @Test
  void eachInterpreterHasItsOwn() {
    try (Interpreter first = OnePython.PYTHON.newInterpreter(InterpreterOptions.ownGil());
        Interpreter second = OnePython.PYTHON.newInterpreter(InterpreterOptions.ownGil())) {
      try (Attached py = first.attach()) {
        py.exec(SLEEPS + "sluice.guard.install('raise', 'all')");
        assertThat(is(py, "all_refused()")).isTrue();
      }
      try (Attached py = second.attach()) {
        py.exec(SLEEPS);
        assertThat(is(py, "refused(early, 0.001)")).isFalse();
        py.exec("sluice.guard.install('raise', 'all')");
        assertThat(is(py, "all_refused()")).isTrue();
      }
      try (Attached py = first.attach()) {
        py.exec("sluice.guard.uninstall()");
        assertThat(is(py, "refused(early, 0.001)")).isFalse();
      }
      try (Attached py = second.attach()) {
        assertThat(is(py, "all_refused()")).isTrue();
      }
    }
  }

  @Test
  void theyComeAndGoAtOnce() throws InterruptedException {
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      threads.add(
          Python.newThread(
              "guard-" + i,
              () -> {
                try (Interpreter own =
                        OnePython.PYTHON.newInterpreter(InterpreterOptions.ownGil());
                    Attached py = own.attach()) {
                  py.exec(SLEEPS);
                  for (int round = 0; round < 20; round++) {
                    py.exec("sluice.guard.install('raise', 'all')");
                    assertThat(is(py, "all_refused()")).isTrue();
                    py.exec("sluice.guard.uninstall()");
                    assertThat(is(py, "refused(early, 0.001)")).isFalse();
                  }
                } catch (Throwable failure) {
                  failures.add(failure);
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void whatIsNoFunctionOfCIsRefused() {
    try (Attached py = OnePython.PYTHON.main().attach()) {
      py.exec("import sluice._guard_door as door");
      for (String wrong :
          List.of(
              "door.rebind(print, None)",
              "door.rebind(lambda: 0, print)",
              "door.rebind('text', print)",
              "door.restore(print, None)",
              "door.copy(1)",
              "door.definition(object())",
              "door.set_in_type('text', 'a', 1)",
              "door.set_in_type(list, 'no_such_method', 1)",
              "door.rebind_method(print, print)",
              "door.restore_method(list.append)",
              "door.rebind(print)")) {
        assertThatThrownBy(() -> py.exec(wrong))
            .as(wrong)
            .isInstanceOf(PythonException.class)
            .hasMessageContaining("TypeError");
      }
      assertThat(is(py, "[1].append(2) is None")).isTrue();
    }
  }
}
