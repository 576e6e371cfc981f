package dev.sluice.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonException;
import dev.sluice.python.SluiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A loop on a thread of Java's, reached from this test's thread and from others. */
@Timeout(60)
class LoopTest extends LoopTests {
  @Test
  void callbacksOfEachThreadAreCalledOnceAndInOrder() throws Exception {
    int threads = 8;
    int each = 5_000;
    PyObject make =
        function(
            "seen = [[] for _ in range(8)]\n" + "make = lambda t, n: lambda: seen[t].append(n)",
            "make");
    PyObject[][] callbacks = new PyObject[threads][each];
    try (Attached py = main.attach()) {
      for (int t = 0; t < threads; t++) {
        for (int n = 0; n < each; n++) {
          callbacks[t][n] = make.call(t, n);
        }
      }
    }
    Thread[] handing = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      PyObject[] own = callbacks[t];
      handing[t] =
          Thread.ofVirtual()
              .start(() -> {
                for (PyObject callback : own) {
                  loop.callSoon(callback);
                }
              });
    }
    for (Thread thread : handing) {
      thread.join();
    }
    // Handed over behind all of them.
    soon(loop.call(function("def last(): pass", "last")));
    try (Attached py = main.attach()) {
      assertThat(py.eval("all(row == list(range(5_000)) for row in seen)").isTrue()).isTrue();
      py.exec("del seen, make");
    }
  }

  @Test
  void aCallbackThatFailsHarmsNoOther() throws Exception {
    PyObject fails = function("def fails(): raise ValueError('on purpose')", "fails");
    PyObject counts = function("count = []\ndef counts(): count.append(1)", "counts");
    for (int i = 0; i < 3; i++) {
      loop.callSoon(counts);
      loop.callSoon(fails);
    }
    soon(loop.call(counts));
    assertThat(intOf(function("", "len(count)"))).isEqualTo(4);
  }

  @Test
  void aClosedLoopTakesNoCallbacks() {
    PyObject function = function("def f(): pass", "f");
    loop.close();
    assertThatThrownBy(() -> loop.callSoon(function))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void runsJavaCodeOnItsThread() throws Exception {
    Thread ran = soon(loop.submit(py -> Thread.currentThread()));
    assertThat(ran).isSameAs(loop.thread());
    int two = soon(loop.submit(py -> py.eval("1 + 1").as(Integer.class)));
    assertThat(two).isEqualTo(2);
  }

  @Test
  void keepsTheOrderOfOneThread() throws Exception {
    List<Integer> ran = new ArrayList<>();
    CompletableFuture<?> last = new CompletableFuture<>();
    for (int i = 0; i < 10_000; i++) {
      int number = i;
      last = loop.submit(py -> ran.add(number));
    }
    soon(last);
    assertThat(ran).hasSize(10_000).isSorted();
  }

  @Test
  void givesBackWhatATaskThrows() {
    assertThatThrownBy(() -> soon(loop.submit(py -> py.eval("1 / 0"))))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseInstanceOf(PythonException.class)
        .hasMessageContaining("ZeroDivisionError");
  }

  @Test
  void awaitsCoroutines() throws Exception {
    PyObject twice =
        function(
            "import asyncio\nasync def twice(n):\n    await asyncio.sleep(0.01)\n    return 2 * n",
            "twice");
    assertThat(intOf(soon(loop.call(twice, 21)))).isEqualTo(42);
  }

  @Test
  void callsPlainFunctions() throws Exception {
    assertThat(intOf(soon(loop.call(function("", "(lambda a, b: a + b)"), 1, 2)))).isEqualTo(3);
  }

  @Test
  void virtualThreadsCallToo() throws Exception {
    PyObject twice = function("async def again(n):\n    return 2 * n", "again");
    List<CompletableFuture<PyObject>> results = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      CompletableFuture<PyObject> result = new CompletableFuture<>();
      results.add(result);
      threads.add(
          Thread.startVirtualThread(() -> result.complete(loop.call(twice, number).join())));
    }
    for (int i = 0; i < 100; i++) {
      threads.get(i).join();
      assertThat(intOf(soon(results.get(i)))).isEqualTo(2 * i);
    }
  }

  @Test
  void exceptionsOfCoroutinesAreThrown() {
    PyObject fails = function("async def fails():\n    raise ValueError('no')", "fails");
    assertThatThrownBy(() -> loop.call(fails).join())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(PythonException.class)
        .hasMessageContaining("ValueError: no");
  }

  @Test
  void javaExceptionsComeBackAsThemselves() {
    PyObject fails =
        function(
            """
            import sluice.java
            async def java_fails():
                sluice.java.type("java.util.ArrayList")().get(7)
            """,
            "java_fails");
    assertThatThrownBy(() -> loop.call(fails).join())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void cancellingCancelsTheTask() throws Exception {
    PyObject waits =
        function(
            """
            import asyncio
            ended = []
            async def waits():
                try:
                    await asyncio.sleep(100)
                except asyncio.CancelledError:
                    ended.append(1)
                    raise
            """,
            "waits");
    CompletableFuture<PyObject> call = loop.call(waits);
    soon(loop.submit(py -> true));
    Thread.sleep(50);
    assertThat(call.cancel(true)).isTrue();
    for (int i = 0; i < 200 && intOf(function("", "len(ended)")) == 0; i++) {
      Thread.sleep(10);
    }
    assertThat(intOf(function("", "len(ended)"))).isEqualTo(1);
  }

  @Test
  void aTaskThatIsCancelledInPythonIsCancelledInJava() {
    PyObject cancels =
        function(
            "import asyncio\nasync def cancels():\n    asyncio.current_task().cancel()\n"
                + "    await asyncio.sleep(1)",
            "cancels");
    assertThatThrownBy(() -> loop.call(cancels).join()).isInstanceOf(CancellationException.class);
  }

  @Test
  void theCallersContextGoesAlong() throws Exception {
    PyObject reads =
        function(
            "import contextvars\nvar = contextvars.ContextVar('var', default=0)\n"
                + "async def reads():\n    return var.get()",
            "reads");
    CompletableFuture<PyObject> call;
    try (Attached py = main.attach()) {
      py.exec("var.set(5)");
      call = loop.call(reads);
    }
    assertThat(intOf(soon(call))).isEqualTo(5);
    assertThat(intOf(soon(loop.call(reads)))).isZero();
  }

  @Test
  void pythonAwaitsJavaFutures() throws Exception {
    PyObject awaits = function("async def awaits(f):\n    return await f + 1", "awaits");
    CompletableFuture<Integer> java = new CompletableFuture<>();
    CompletableFuture<PyObject> call = loop.call(awaits, java);
    Thread.sleep(20);
    java.complete(4);
    assertThat(intOf(soon(call))).isEqualTo(5);
  }

  @Test
  void failuresOfJavaFuturesAreRaised() throws Exception {
    PyObject awaits =
        function(
            """
            import sluice.java
            async def catches(f):
                try:
                    await f
                except sluice.java.type("java.io.IOException") as error:
                    return str(error)
            """,
            "catches");
    CompletableFuture<Integer> java = new CompletableFuture<>();
    java.completeExceptionally(new java.io.IOException("gone"));
    PyObject result = soon(loop.call(awaits, java));
    try (Attached py = main.attach()) {
      assertThat(result.as(String.class)).contains("gone");
    }
  }

  @Test
  void cancellingATaskCancelsTheJavaFutureThatItAwaits() throws Exception {
    PyObject awaits = function("async def stays(f):\n    await f", "stays");
    CompletableFuture<Integer> java = new CompletableFuture<>();
    CompletableFuture<PyObject> call = loop.call(awaits, java);
    Thread.sleep(50);
    call.cancel(true);
    assertThatThrownBy(() -> java.get(20, TimeUnit.SECONDS))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void closingFailsWhatIsLeft() {
    PyObject sleeps =
        function("import asyncio\nasync def sleeps():\n    await asyncio.sleep(100)", "sleeps");
    CompletableFuture<PyObject> call = loop.call(sleeps);
    assertThat(call).isNotDone();
    loop.close();
    assertThatThrownBy(call::join)
        .isInstanceOfAny(CancellationException.class, CompletionException.class);
    assertThatThrownBy(() -> loop.submit(py -> 1))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void aUseOnAWrongThreadFailsThereAndTheLoopGoesOn() throws Exception {
    try (Attached py = main.attach()) {
      assertThatThrownBy(() -> loop.python().callMethod("call_soon", py.eval("print")))
          .isInstanceOf(PythonException.class)
          .hasMessageContaining("SL160")
          .hasMessageContaining(loop.thread().getName());
    }
    int seven = soon(loop.submit(py -> 7));
    assertThat(seven).isEqualTo(7);
  }
}
