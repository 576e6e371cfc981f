package dev.sluice.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.SluiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of work that meets a loop's end. */
@Timeout(60)
class LoopClosingTest extends LoopTests {
  private static final int ROUNDS = 10;

  @Test
  void whatIsSubmittedWhileTheLoopClosesIsDoneOrRefused() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Loop closed = Loop.start(main, LoopOptions.of());
      List<CompletableFuture<Integer>> accepted = new ArrayList<>();
      Thread submits =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  while (true) {
                    accepted.add(closed.submit(py -> 1));
                    if (accepted.size() % 100 == 0) {
                      Thread.onSpinWait();
                    }
                  }
                } catch (SluiceException e) {
                  // It is closed.
                }
              });
      Thread.sleep(30);
      assertThat(closed.close(Duration.ofSeconds(20))).isTrue();
      submits.join();
      assertThat(accepted).isNotEmpty().allMatch(CompletableFuture::isDone);
    }
  }

  @Test
  void aCallThatIsRefusedIsNotKept() throws Exception {
    PyObject function = function("", "int");
    loop.close();
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> loop.call(function)).isInstanceOf(SluiceException.class);
    }
    assertThat(AwaitedCall.openCalls(loop)).isZero();
  }

  @Test
  void whoClosesItOnceMoreWaitsForTheCleanup() throws Exception {
    PyObject tidies =
        function(
            """
            import asyncio
            tidied = []
            async def tidies():
                try:
                    await asyncio.sleep(60)
                finally:
                    tidied.append("begun")
                    await asyncio.sleep(0.3)
                    tidied.append("done")
            """,
            "tidies");
    CompletableFuture<PyObject> call = loop.call(tidies);
    soon(loop.call(function("async def pause():\n    await asyncio.sleep(0)", "pause")));
    Thread first = Thread.ofPlatform().start(() -> loop.close());
    try (Attached py = main.attach()) {
      while (!py.eval("bool(tidied)").isTrue()) {
        py.exec("import time; time.sleep(0.001)");
      }
    }
    assertThat(loop.close(Duration.ofSeconds(20))).isTrue();
    first.join();
    try (Attached py = main.attach()) {
      assertThat(py.eval("tidied == ['begun', 'done']").isTrue()).isTrue();
    }
    assertThatThrownBy(call::join).isInstanceOf(CancellationException.class);
  }

  @Test
  void itEndsThoughACallWantsToEndTheProgramMeanwhile() throws Exception {
    PyObject exits = function("import sys\ndef exits(): sys.exit(3)", "exits");
    // One pass sees both: that it is to end, and the call that ends its run with an exception.
    loop.submit(py -> {
      loop.callSoon(exits);
      loop.close();
      return true;
    });
    assertThat(loop.close(Duration.ofSeconds(20))).isTrue();
  }
}
