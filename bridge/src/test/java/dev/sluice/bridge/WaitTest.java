package dev.sluice.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonError;
import dev.sluice.python.PythonException;
import dev.sluice.python.SluiceException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that wait for a loop: with a limit, interrupted, attached, and in circles. */
@Timeout(60)
class WaitTest extends LoopTests {
  private static final Duration LONG = Duration.ofSeconds(20);

  private PyObject sleeping() {
    return function(
        """
        import asyncio
        begun = []
        ends = []
        async def sleeping(seconds):
            begun.append('cancelled')
            try:
                await asyncio.sleep(seconds)
                return 'slept'
            except asyncio.CancelledError:
                ends.append('cancelled')
                raise
        """,
        "sleeping");
  }

  private void assertCancelled() throws Exception {
    // Behind the cancellation in the loop's queue.
    soon(loop.call(function("async def turn(): await asyncio.sleep(0.01)", "turn")));
    try (Attached py = main.attach()) {
      // One that is cancelled before its first step never begins.
      assertThat(py.eval("ends").asList(String.class))
          .isEqualTo(py.eval("begun").asList(String.class));
    }
  }

  private boolean hasBegun() {
    try (Attached py = main.attach()) {
      return py.eval("bool(begun)").as(Boolean.class);
    }
  }

  @Test
  void whatComesOutIsReturned() throws Exception {
    PyObject result = loop.await(LONG, sleeping(), 0.001);
    try (Attached py = main.attach()) {
      assertThat(result.as(String.class)).isEqualTo("slept");
    }
    PyObject fails = function("async def fails(): raise ValueError('on purpose')", "fails");
    assertThatExceptionOfType(PythonException.class)
        .isThrownBy(() -> loop.await(LONG, fails))
        .withMessageContaining("on purpose");
  }

  /** The loop needs the GIL that the waiting thread has. */
  @Test
  void anAttachedThreadMayWait() throws Exception {
    PyObject sleeping = sleeping();
    try (Attached py = main.attach()) {
      assertThat(loop.await(LONG, sleeping, 0.001).as(String.class)).isEqualTo("slept");
      assertThat(loop.call(sleeping, 0.001).get().as(String.class)).isEqualTo("slept");
    }
  }

  @Test
  void aWaitThatTakesTooLongCancels() throws Exception {
    PyObject sleeping = sleeping();
    assertThatThrownBy(() -> loop.await(Duration.ofMillis(20), sleeping, 30))
        .isInstanceOf(TimeoutException.class);
    assertCancelled();
  }

  @Test
  void soDoesAnInterrupt() throws Exception {
    PyObject sleeping = sleeping();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                loop.await(LONG, sleeping, 30).close();
              } catch (InterruptedException | TimeoutException | RuntimeException e) {
                thrown.set(e);
              }
            });
    while (waiting.getState() != Thread.State.TIMED_WAITING || !hasBegun()) {
      Thread.sleep(1);
    }
    waiting.interrupt();
    waiting.join();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertCancelled();
  }

  @Test
  void theLoopsOwnThreadDoesNotWaitForIt() throws Exception {
    PyObject sleeping = sleeping();
    CompletableFuture<String> refusal =
        loop.submit(py -> {
          try {
            return loop.await(LONG, sleeping, 0).as(String.class);
          } catch (SluiceException e) {
            assertThat(e.code()).isEqualTo(PythonError.WAIT_CIRCLE);
            return String.valueOf(e.getMessage());
          }
        });
    String name = loop.thread().getName();
    assertThat(soon(refusal))
        .contains(
            "thread " + name + " waits for sleeping() on " + name,
            "sleeping() on " + name + " needs thread " + name);
  }

  @Test
  void whatFollowsACallNeedsTheLoopToo() throws Exception {
    PyObject sleeping = sleeping();
    CompletableFuture<Throwable> refusal =
        loop.submit(py -> {
          CompletableFuture<String> following = loop.call(sleeping, 0).thenApply(any -> "followed");
          try {
            following.join();
            return new AssertionError("nothing was refused");
          } catch (SluiceException e) {
            return e;
          }
        });
    assertThat(soon(refusal)).hasMessageContaining("what follows sleeping()");
  }

  /** Java code on one loop waits for a coroutine of another, which awaits a call on the first. */
  @Test
  void acrossLoopsAndLanguagesTheLastWaitIsRefused() throws Exception {
    try (Loop other = Loop.start(main, LoopOptions.of())) {
      PyObject sleeping = sleeping();
      PyObject asks =
          function(
              """
              async def asks(ask):
                  return await ask.get()
              """,
              "asks");
      java.util.function.Supplier<Object> ask = () -> loop.call(sleeping, 0);
      CompletableFuture<Object> outcome =
          loop.submit(py -> {
            try {
              return other.call(asks, ask).get();
            } catch (ExecutionException e) {
              return String.valueOf(e.getCause());
            }
          });
      assertThat(soon(outcome))
          .asString()
          .contains("asks() on", "needs sleeping() on", "which waits for asks()");
      // Nothing was lost for others.
      assertThat(soon(loop.call(sleeping, 0))).isNotNull();
    }
  }

  @Test
  void waitsThatEndAreForgotten() throws Exception {
    PyObject sleeping = sleeping();
    CountDownLatch begun = new CountDownLatch(1);
    try (Loop other = Loop.start(main, LoopOptions.of())) {
      CompletableFuture<String> first =
          loop.submit(py -> {
            begun.countDown();
            return other.await(LONG, sleeping, 0.05).as(String.class);
          });
      begun.await();
      assertThat(soon(first)).isEqualTo("slept");
      CompletableFuture<String> second =
          other.submit(py -> loop.await(LONG, sleeping, 0.001).as(String.class));
      assertThat(soon(second)).isEqualTo("slept");
    }
  }
}
