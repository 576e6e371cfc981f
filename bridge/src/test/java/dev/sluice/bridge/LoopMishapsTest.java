package dev.sluice.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes wrong on a loop of Java's harms who did it, and nobody else. */
@Timeout(60)
class LoopMishapsTest extends LoopTests {
  private void assertThatItGoesOn() throws Exception {
    PyObject sleeps =
        function(
            "import asyncio\nasync def sleeps():\n    await asyncio.sleep(0.01)\n    return 7",
            "sleeps");
    assertThat(intOf(soon(loop.call(sleeps)))).isEqualTo(7);
  }

  private CompletableFuture<PyObject> awaits(CompletableFuture<Object> stage) throws Exception {
    CompletableFuture<PyObject> call =
        loop.call(function("async def awaits(f):\n    return await f", "awaits"), stage);
    while (stage.getNumberOfDependents() == 0) {
      Thread.sleep(1);
    }
    return call;
  }

  @Test
  void aValueThatIsClosedMeanwhileFailsTheAwaitOnly() throws Exception {
    CompletableFuture<Object> stage = new CompletableFuture<>();
    CompletableFuture<PyObject> call = awaits(stage);
    PyObject list = function("", "[1]");
    list.close();
    stage.complete(list);
    assertThatThrownBy(() -> soon(call)).isInstanceOf(ExecutionException.class);
    assertThatItGoesOn();
  }

  @Test
  void aValueWithoutAnEndFailsTheAwaitOnly() throws Exception {
    CompletableFuture<Object> stage = new CompletableFuture<>();
    CompletableFuture<PyObject> call = awaits(stage);
    List<Object> itself = new ArrayList<>();
    itself.add(itself);
    stage.complete(itself);
    assertThatThrownBy(() -> soon(call)).isInstanceOf(ExecutionException.class);
    assertThatItGoesOn();
  }

  @Test
  void aTaskThatThrowsHarmsNoOther() throws Exception {
    CompletableFuture<Boolean> other = new CompletableFuture<>();
    loop.tryExecute(py -> {
      throw new AssertionError("on purpose");
    });
    loop.tryExecute(py -> other.complete(true));
    assertThat(soon(other)).isTrue();
    assertThatItGoesOn();
  }

  @Test
  void allWhoWaitForAFutureAreToldWhereverItGetsItsResult() throws Exception {
    PyObject waits =
        function(
            """
            import asyncio, logging
            told = []
            logged = []
            handler = logging.Handler()
            handler.emit = lambda record: logged.append((record.levelname, record.getMessage()))
            logging.getLogger("asyncio").addHandler(handler)
            async def waits(future):
                result = await future
                told.append(result)
            async def make():
                global event
                event = asyncio.Event()
                return asyncio.get_running_loop().create_future()
            async def waits_for_event():
                await event.wait()
                told.append(event)
            """,
            "waits");
    PyObject future = soon(loop.call(function("", "make")));
    PyObject onEvent = function("", "waits_for_event");
    List<CompletableFuture<PyObject>> calls = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      calls.add(loop.call(waits, future));
      calls.add(loop.call(onEvent));
    }
    soon(loop.call(function("async def pause():\n    await asyncio.sleep(0.05)", "pause")));
    try (Attached py = main.attach()) {
      future.callMethod("set_result", 7).close();
      py.exec("event.set()");
    }
    for (CompletableFuture<PyObject> call : calls) {
      soon(call);
    }
    assertThat(intOf(function("", "len(told)"))).isEqualTo(6);
    try (Attached py = main.attach()) {
      py.exec("logging.getLogger('asyncio').removeHandler(handler)");
      String logged = py.eval("str(logged)").as(String.class);
      // Once for each of the two places.
      assertThat(logged.split("SL160", -1)).hasSize(3);
      assertThat(logged)
          .contains("'ERROR'", loop.thread().getName(), Thread.currentThread().getName())
          .contains("call_soon_threadsafe")
          .doesNotContain("'WARNING'");
    }
    assertThatItGoesOn();
  }

  @Test
  void aCallThatWantsToEndTheProgramIsToldSo() throws Exception {
    PyObject exits = function("import sys\ndef exits(): sys.exit(3)", "exits");
    assertThatThrownBy(() -> soon(loop.call(exits)))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("SystemExit");
    PyObject interrupts = function("def interrupts(): raise KeyboardInterrupt", "interrupts");
    assertThatThrownBy(() -> soon(loop.call(interrupts)))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("KeyboardInterrupt");
    assertThatItGoesOn();
  }

  @Test
  void aStageThatIsNoFutureLeavesTheTaskCancelled() throws Exception {
    CompletableFuture<Object> stage =
        new CompletableFuture<>() {
          @Override
          public CompletableFuture<Object> toCompletableFuture() {
            throw new UnsupportedOperationException("on purpose");
          }
        };
    CompletableFuture<PyObject> call =
        loop.call(
            function(
                """
                import asyncio
                async def caught(stage):
                    async def waits():
                        await stage
                    task = asyncio.ensure_future(waits())
                    await asyncio.sleep(0)
                    task.cancel()
                    await asyncio.wait([task])
                    return int(task.cancelled())
                """,
                "caught"),
            stage);
    assertThat(intOf(soon(call))).isEqualTo(1);
  }
}
