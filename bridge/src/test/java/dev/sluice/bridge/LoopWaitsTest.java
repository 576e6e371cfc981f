package dev.sluice.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.Attached;
import dev.sluice.python.CloseReport;
import dev.sluice.python.Interpreter;
import dev.sluice.python.InterpreterOptions;
import dev.sluice.python.PyObject;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Python's blocking calls ({@code sluice.wait_for}) beside Java's threads, futures and loops. */
@Timeout(60)
class LoopWaitsTest extends LoopTests {
  private static final Duration LONG = Duration.ofSeconds(20);

  private PyObject decorated() {
    return function(
        """
        import sluice
        sluice.setup()

        @sluice.wait_for(20)
        def decorated(function):
            return function()
        """,
        "decorated");
  }

  /** A worker waits for the loop, which waits in Java for the worker. */
  @Test
  void aCircleOverAFutureOfJavasIsRefused() throws Exception {
    PyObject decorated = decorated();
    AtomicReference<CompletableFuture<String>> task = new AtomicReference<>();
    CountDownLatch known = new CountDownLatch(1);
    Supplier<Object> ask = () -> task.get().join();
    PyObject asks = function("def asks(ask): return lambda: ask.get()", "asks");
    task.set(
        main.submit(py -> {
          py.detached(() -> awaits(known));
          return decorated.call(asks.call(ask)).as(String.class);
        }));
    known.countDown();
    assertThatThrownBy(() -> soon(task.get()))
        .hasStackTraceContaining("SL143")
        .hasStackTraceContaining("needs thread sluice-py-")
        .hasStackTraceContaining("which waits for")
        .hasStackTraceContaining("needs thread sluice-loop-");
    try (Attached py = main.attach();
        PyObject one = decorated.call(py.eval("lambda: 1"))) {
      assertThat(one.as(Integer.class)).isEqualTo(1);
    }
  }

  private static boolean awaits(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A loop that Java runs waits for that of setup, which waits for the first one. */
  @Test
  void aCircleOverALoopOfJavasIsRefused() throws Exception {
    PyObject decorated = decorated();
    PyObject sleeping = function("async def sleeping(): return 1", "sleeping");
    Supplier<Object> ask =
        () -> {
          try {
            return loop.await(LONG, sleeping);
          } catch (Exception e) {
            return e.toString();
          }
        };
    PyObject asks = function("def asks(ask): return lambda: ask.get()", "asks");
    CompletableFuture<String> outcome =
        loop.submit(py -> decorated.call(asks.call(ask)).as(String.class));
    assertThat(soon(outcome)).contains("SL143", "sleeping()", "decorated() needs thread");
  }

  @Test
  void aThreadOfJavasMayWait() {
    PyObject decorated = decorated();
    try (Attached py = main.attach();
        PyObject answer = decorated.call(py.eval("lambda: 'answered'"))) {
      assertThat(answer.as(String.class)).isEqualTo("answered");
    }
  }

  @Test
  void anInterpreterEndsWithItsLoop() {
    for (InterpreterOptions options :
        new InterpreterOptions[] {InterpreterOptions.ownGil(), InterpreterOptions.sharedGil()}) {
      Interpreter other = PYTHON.newInterpreter(options);
      try (Attached py = other.attach()) {
        py.exec(
            """
            import sluice
            sluice.setup()

            @sluice.wait_for(20)
            async def twice(number):
                return 2 * number

            @sluice.run_in_loop
            async def forever():
                import asyncio
                await asyncio.sleep(1000)

            forever()
            """);
        assertThat(py.eval("twice(21)").as(Integer.class)).isEqualTo(42);
      }
      CloseReport report = other.shutdown(Duration.ofSeconds(20));
      assertThat(report.finalised()).as(report.toString()).isTrue();
      assertThat(report.took()).isLessThan(Duration.ofSeconds(5));
    }
  }
}
