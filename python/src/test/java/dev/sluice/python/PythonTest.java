package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.install.UserCache;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The embedded CPython, called from the test's own thread and from others. */
@Timeout(60)
class PythonTest {
  private final Interpreter main = EmbeddedPython.main();

  @Test
  void callsPython() {
    try (Attached py = main.attach()) {
      PyObject json = py.importModule("json");
      assertThat(json.callMethod("dumps", Map.of("a", 1)).as(String.class)).isEqualTo("{\"a\": 1}");
      py.exec("import math");
      assertThat(py.eval("math.pi").as(Double.class)).isEqualTo(Math.PI);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ascii", "h\u00e9", "\u20ac", "\ud83d\ude00", "a\ud800b", "\0"})
  void carriesAllTextBothWays(String text) {
    try (Attached py = main.attach()) {
      assertThat(py.toPython(text).as(String.class)).isEqualTo(text);
      int codePoints = text.codePointCount(0, text.length());
      assertThat(py.importModule("builtins").callMethod("len", text).as(Integer.class))
          .isEqualTo(codePoints);
    }
  }

  @Test
  void carriesNumbersTruthBytesAndContainers() {
    try (Attached py = main.attach()) {
      assertThat(py.toPython(Long.MIN_VALUE).as(Long.class)).isEqualTo(Long.MIN_VALUE);
      assertThat(py.toPython(true).as(Boolean.class)).isTrue();
      assertThat(py.toPython(1.5).as(Double.class)).isEqualTo(1.5);
      assertThat(py.toPython(new byte[] {0, -1}).as(byte[].class)).containsExactly(0, -1);
      assertThat(py.toPython(null).isNone()).isTrue();
      assertThat(py.toPython(List.of(1, "a")).toString()).isEqualTo("[1, 'a']");
      assertThat(py.toPython(Path.of("a", "b")).as(Path.class)).isEqualTo(Path.of("a", "b"));
      assertThat(py.toPython(Arrays.asList(1, null)).item(1).isNone()).isTrue();
    }
  }

  @Test
  void refusesWhatHasNoValue() {
    try (Attached py = main.attach()) {
      assertThatThrownBy(() -> py.eval("'a'").as(Long.class))
          .isInstanceOf(ClassCastException.class);
      assertThatThrownBy(() -> py.eval("1").as(String.class))
          .isInstanceOf(ClassCastException.class)
          .hasMessageContaining("int");
      assertThatThrownBy(() -> py.eval("2**64").as(Long.class))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("65 bits");
    }
  }

  @Test
  void throwsPythonsExceptionsWithTheirTraceback() {
    try (Attached py = main.attach()) {
      py.exec("def divide(n): return n / 0");
      assertThatThrownBy(() -> py.eval("divide(1)"))
          .isInstanceOf(PythonException.class)
          .hasMessage("ZeroDivisionError: division by zero")
          .satisfies(thrown ->
              assertThat(((PythonException) thrown).traceback())
                  .startsWith("Traceback (most recent call last):")
                  .contains("in divide"));
      assertThat(py.raised()).isFalse();
    }
  }

  @Test
  void reportsSyntaxErrors() {
    try (Attached py = main.attach()) {
      assertThatThrownBy(() -> py.exec("def ("))
          .isInstanceOf(PythonException.class)
          .hasMessageContaining("SyntaxError");
    }
  }

  @Test
  void refusesSourceThatPythonRefuses() {
    try (Attached py = main.attach()) {
      for (String source : List.of("1\0 + garbage", "\0", "'\0'")) {
        assertThatThrownBy(() -> py.eval(source))
            .hasMessage("SyntaxError: source code string cannot contain null bytes");
        assertThatThrownBy(() -> py.exec(source)).hasMessageContaining("null bytes");
      }
      assertThatThrownBy(() -> py.eval("'a\udc80'"))
          .hasMessageContaining("UnicodeEncodeError")
          .hasMessageContaining("'\\udc80' in position 2");
      assertThatThrownBy(() -> py.exec("x = 1\n# \ud800")).hasMessageContaining("position 8");
      assertThat(py.raised()).isFalse();
      assertThat(py.eval("'\u20ac\ud83d\ude00\u00e9'").as(String.class))
          .isEqualTo("\u20ac\ud83d\ude00\u00e9");
      // It is text already: what files say of their encoding has no meaning here.
      py.exec("# -*- coding: latin-1 -*-\nfrom __future__ import annotations\ntext = '\u00e9'");
      assertThat(py.eval("text").as(String.class)).isEqualTo("\u00e9");
      py.exec("def f(x: int): pass");
      assertThat(py.eval("f.__annotations__['x'] is int").isTrue()).isTrue();
    }
  }

  @Test
  void refusesAnObjectOnADetachedThread() {
    PyObject object;
    try (Attached py = main.attach()) {
      object = py.eval("[1]");
    }
    assertThatThrownBy(() -> object.item(0))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(PythonError.NOT_ATTACHED))
        .hasMessageContaining(Thread.currentThread().getName());
    assertThat(object).hasToString("[1]");
    object.close();
    assertThat(object.toString()).contains("interpreter 0");
    try (Attached py = main.attach()) {
      assertThatThrownBy(() -> object.item(0))
          .isInstanceOfSatisfying(
              SluiceException.class, e -> assertThat(e.code()).isEqualTo(PythonError.SCOPE_CLOSED));
    }
  }

  @Test
  void releasesWhatWasDroppedElsewhere() {
    PyObject object;
    PyObject weak;
    try (Attached py = main.attach()) {
      py.exec("import weakref\nclass Canary: pass");
      object = py.eval("Canary()");
      weak = py.importModule("weakref").callMethod("ref", object);
      assertThat(isDead(weak)).isFalse();
    }
    object.close(); // detached: into the queue
    try (Attached py = main.attach()) {
      assertThat(isDead(weak)).isTrue();
    }
  }

  /** Without keeping what the weak reference gives, which would keep it alive. */
  private static boolean isDead(PyObject weak) {
    try (PyObject referent = weak.call()) {
      return referent.isNone();
    }
  }

  @Test
  void releasesWhatTheCollectorFinds() throws InterruptedException {
    PyObject weak;
    try (Attached py = main.attach()) {
      py.exec("import weakref\nclass Canary: pass");
      weak = weakToUnreachable(py);
    }
    for (int i = 0; i < 100; i++) {
      System.gc();
      Thread.sleep(10);
      try (Attached py = main.attach()) {
        if (isDead(weak)) {
          return;
        }
      }
    }
    throw new AssertionError("the object was never released");
  }

  private static PyObject weakToUnreachable(Attached py) {
    return py.importModule("weakref").callMethod("ref", py.eval("Canary()"));
  }

  @Test
  void submitsFromVirtualThreads() throws Exception {
    CompletableFuture<String> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> result.complete(main.submit(py -> py.eval("'x' * 3").as(String.class)).join()));
    assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo("xxx");
  }

  @Test
  void givesTheTasksOwnExceptionToWhoWaits() {
    assertThatThrownBy(() -> main.submit(py -> py.eval("1/0")).join())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(PythonException.class);
  }

  @Test
  void waitsInPythonOnManyThreadsAtOnce() {
    long start = System.nanoTime();
    List<CompletableFuture<Integer>> all =
        IntStream.range(0, 40)
            .mapToObj(i ->
                main.submit(py -> {
                  py.exec("import time; time.sleep(0.1)");
                  return i;
                }))
            .toList();
    assertThat(all.stream().map(CompletableFuture::join)).hasSize(40);
    // One after the other they would take 4 s.
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "def down(n): return down(n + 1)\ndown(0)",
        "def down(x): return sorted([2, 1], key=down)\ndown(0)",
        "class A:\n  def __repr__(self): return repr([self])\nrepr(A())"
      })
  void survivesEndlessRecursion(String code) {
    assertThatThrownBy(() ->
            main.submit(
                    py -> {
                      py.exec(code);
                      return 0;
                    })
                .join())
        .hasRootCauseInstanceOf(PythonException.class)
        .rootCause()
        .hasMessageContaining("RecursionError");
  }

  @Test
  void survivesEndlessRecursionOnASmallStack() throws InterruptedException {
    CompletableFuture<String> result = new CompletableFuture<>();
    // The JVM's default of 1 MiB, an eighth of what CPython's own limits are made for.
    Thread small =
        new Thread(
            null,
            () -> {
              try (Attached py = main.attach()) {
                py.exec("def again(x): return sorted([2, 1], key=again)\nagain(0)");
                result.complete("returned");
              } catch (PythonException e) {
                result.complete(e.getMessage());
              } catch (RuntimeException e) {
                result.completeExceptionally(e);
              }
            },
            "small",
            1024 * 1024);
    small.start();
    small.join();
    assertThat(result.join()).contains("RecursionError");
  }

  @Test
  void aThreadThatSweepsOthersKeepsItsOwnState() throws Exception {
    AtomicBoolean same = new AtomicBoolean();
    for (int i = 0; i < 2; i++) {
      Thread thread =
          Python.newThread(
              "short-lived",
              () -> {
                try (Attached py = main.attach()) {
                  // PyGILState_Ensure, which extension modules use, goes by what this says.
                  same.set(main.door().ofThread() == main.door().current());
                }
              });
      thread.start();
      thread.join();
    }
    assertThat(same).isTrue();
  }

  @Test
  void callsThreadsWhatJavaCallsThem() throws Exception {
    String name = "__import__('threading').current_thread().name";
    assertThat(main.submit(py -> py.eval(name).as(String.class)).join()).startsWith("sluice-py-0-");
    FutureTask<String> task =
        new FutureTask<>(() -> {
          try (Attached py = main.attach()) {
            String first = py.eval(name).as(String.class);
            Thread.currentThread().setName("renamed in Java");
            String second = py.eval(name).as(String.class);
            py.exec(name + " = 'renamed in Python'");
            return first + ", " + second + ", " + py.eval(name).as(String.class);
          }
        });
    Python.newThread("n\u00e4me", task).start();
    assertThat(task.get()).isEqualTo("n\u00e4me, renamed in Java, renamed in Python");
    try (Attached py = main.attach()) {
      py.exec(
          """
          import _thread, threading
          def raw_name():
              names = []
              done = threading.Event()
              def run():
                  names.append(threading.current_thread().name)
                  done.set()
              _thread.start_new_thread(run, ())
              done.wait()
              return names[0]
          """);
      assertThat(py.eval("raw_name()").as(String.class)).startsWith("Dummy-");
    }
    assertThat(main.submitToMain(py -> py.eval(name).as(String.class)).join())
        .isEqualTo("MainThread");
  }

  @Test
  void looksLikeThePythonThatItIs() {
    try (Attached py = main.attach()) {
      py.exec("import sys, ssl, sqlite3, ctypes, sluice");
      var installation = EmbeddedPython.python().installation();
      assertThat(py.eval("sys.executable").as(String.class))
          .isEqualTo(installation.executable().toString());
      assertThat(py.eval("sys.prefix").as(String.class))
          .isEqualTo(installation.prefix().toString());
      assertThat(py.eval("sys.path[-1]").as(String.class))
          .startsWith(UserCache.directory().resolve("python").toString());
    }
  }

  @Test
  void cannotBeOpenedTwice() {
    assertThatThrownBy(() -> Python.open(PythonOptions.embedded()))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(PythonError.OPENED_BEFORE));
  }
}
