package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What CPython and its extensions believe about the threads that Java brings along. */
@Timeout(60)
class ThreadStatesTest {
  private final Interpreter main = EmbeddedPython.main();

  @BeforeEach
  void names() {
    try (Attached py = main.attach()) {
      // PyDLL keeps the GIL, as an extension does that says "with gil" although it has it.
      py.exec(
          """
          import ctypes
          api = ctypes.PyDLL(None) if hasattr(ctypes.PyDLL(None), "PyGILState_Ensure") \
              else ctypes.pythonapi
          api.PyGILState_GetThisThreadState.restype = ctypes.c_void_p
          api.PyThreadState_Get.restype = ctypes.c_void_p
          def knows_itself():
              own = api.PyGILState_GetThisThreadState() == api.PyThreadState_Get()
              api.PyGILState_Release(api.PyGILState_Ensure())
              return own
          """);
    }
  }

  private static Object inThread(Interpreter interpreter, String expression) throws Exception {
    CompletableFuture<@Nullable Object> result = new CompletableFuture<>();
    Thread thread =
        Python.newThread(
            "other",
            () -> {
              try (Attached py = interpreter.attach()) {
                result.complete(py.eval(expression).as(Object.class));
              } catch (Throwable t) {
                result.completeExceptionally(t);
              }
            });
    thread.start();
    thread.join();
    return java.util.Objects.requireNonNull(result.get());
  }

  @Test
  void aThreadThatSweepsKeepsItsOwnState() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertThat(inThread(main, "1 + 1")).isEqualTo(2L);
      // It is new, and releases the state of the one before.
      assertThat(inThread(main, "knows_itself()")).isEqualTo(true);
    }
    try (Attached py = main.attach()) {
      main.states().sweep();
      assertThat(py.eval("knows_itself()").as(boolean.class)).isTrue();
    }
  }

  @Test
  void aThreadOutlivesAnotherInterpreter() throws Exception {
    CountDownLatch used = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    List<Object> seen = new ArrayList<>();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Interpreter other = EmbeddedPython.python().newInterpreter(InterpreterOptions.sharedGil());
    Thread thread =
        Python.newThread(
            "outlives",
            () -> {
              try {
                try (Attached py = main.attach()) {
                  seen.add(py.eval("knows_itself()").as(boolean.class));
                }
                try (Attached py = other.attach()) {
                  py.exec("x = 1");
                  try (Attached inner = main.attach()) {
                    seen.add(inner.eval("knows_itself()").as(boolean.class));
                  }
                  seen.add(py.eval("x == 1").as(boolean.class));
                }
                used.countDown();
                ended.await();
                try (Attached py = main.attach()) {
                  seen.add(py.eval("knows_itself()").as(boolean.class));
                }
              } catch (Throwable t) {
                failure.set(t);
                used.countDown();
              }
            });
    thread.start();
    used.await();
    other.close();
    ended.countDown();
    thread.join();
    assertThat(failure.get()).isNull();
    assertThat(seen).containsExactly(true, true, true, true);
  }

  /** CPython writes to the state that it remembers at the thread's next attach. */
  @Test
  void aThreadThatWasRefusedLeavesNoStateBehind() throws Exception {
    CompletableFuture<Long> remembered = new CompletableFuture<>();
    try (Interpreter other =
        EmbeddedPython.python().newInterpreter(InterpreterOptions.sharedGil())) {
      Thread thread =
          Python.newThread(
              "refused",
              () -> {
                ThreadContext.get().stateIn(other); // and never attached: it is closed meanwhile
                remembered.complete(other.door().ofThread());
              });
      thread.start();
      thread.join();
    }
    assertThat(remembered.get()).isZero();
  }

  @Test
  void aThreadOfPythonsKeepsItsStateInACallback() {
    try (Attached py = main.attach()) {
      py.module("states")
          .function("look_again", (scope, arguments) -> scope.eval("look()").as(String.class))
          .function(
              "look_attached",
              (scope, arguments) -> {
                try (Attached inner = main.attach()) {
                  return inner.eval("look()").as(String.class);
                }
              });
      py.exec(
          """
          import contextvars, decimal, states, sys, threading
          local = threading.local()
          variable = contextvars.ContextVar("variable")
          def look():
              return repr((getattr(local, "x", None), variable.get(None),
                           decimal.getcontext().prec, sys.exc_info()[0].__name__,
                           knows_itself()))
          seen = []
          def run():
              local.x = 1
              variable.set(2)
              decimal.getcontext().prec = 7
              try:
                  raise KeyError
              except KeyError:
                  seen.extend([look(), states.look_again(), states.look_attached()])
          thread = threading.Thread(target=run)
          thread.start()
          thread.join()
          """);
      assertThat(py.eval("seen").asList(String.class))
          .hasSize(3)
          .containsOnly("(1, 2, 7, 'KeyError', True)");
    }
  }

  @Test
  void aScopeThatAFunctionLeavesOpenIsAnExceptionInPython() {
    try (Attached py = main.attach()) {
      py.module("states")
          .function(
              "forgets",
              (scope, arguments) -> {
                Attached forgotten = main.attach();
                return forgotten.eval("1").as(int.class);
              })
          .function(
              "forgets_detached", IntSupplier.class, () -> main.attach().eval("1").as(int.class));
      py.exec("import states");
      assertThatThrownBy(() -> py.eval("states.forgets()"))
          .isInstanceOf(SluiceException.class)
          .hasMessageContaining("left another open");
      assertThatThrownBy(() -> py.eval("states.forgets_detached()"))
          .isInstanceOf(SluiceException.class)
          .hasMessageContaining("left a scope open");
      assertThat(py.eval("1 + 1").as(int.class)).isEqualTo(2);
    }
    assertThat(main.states().all())
        .noneMatch(state -> state.thread == Thread.currentThread() && state.inside);
  }

  @Test
  void theScopeOfACallbackIsRefusedOutsideOfOne() {
    assertThatThrownBy(main::attachedInCallback)
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(PythonError.NOT_ATTACHED))
        .hasMessageContaining("Interpreter.attach");
  }

  @Test
  void whatRunsOnAttachingMayAttach() throws Exception {
    PyObject dropped;
    try (Attached py = main.attach()) {
      py.module("states")
          .function(
              "attaches",
              (scope, arguments) -> {
                try (Attached inner = main.attach()) {
                  return inner.eval("1").as(int.class);
                }
              });
      py.exec(
          """
          import states
          class Attaches:
              def __del__(self): states.attaches()
          """);
      dropped = py.eval("Attaches()");
    }
    Thread closer = Thread.ofPlatform().start(dropped::close);
    closer.join();
    try (Attached py = main.attach()) {
      assertThat(py.eval("2").as(int.class)).isEqualTo(2);
      assertThat(main.states().all())
          .filteredOn(state -> state.thread == Thread.currentThread())
          .allMatch(state -> state.inside && state.depth == 1);
    }
  }
}
