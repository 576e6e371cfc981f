package dev.sluice.server.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(60)
@EnabledOnOs(OS.LINUX)
class RunStateTest {
  private static RunState stateOf(Thread.Builder builder, Runnable work) throws Exception {
    CompletableFuture<RunState> state = new CompletableFuture<>();
    builder.start(() -> {
      state.complete(RunState.ofCurrentThread());
      work.run();
    });
    return state.get(10, TimeUnit.SECONDS);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(1);
    }
  }

  @Test
  void aThreadThatSleepsWaitsAndOneThatComputesDoesNot() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (RunState sleeper =
            stateOf(
                Thread.ofPlatform().daemon().name("a) R (b"),
                () -> {
                  try {
                    end.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        RunState busy =
            stateOf(
                Thread.ofPlatform().daemon(),
                () -> {
                  while (end.getCount() > 0) {
                    Thread.onSpinWait();
                  }
                })) {
      await(() -> sleeper.isWaiting() && !busy.isWaiting());
      int asleep = 0;
      int running = 0;
      for (int i = 0; i < 100; i++) {
        asleep += sleeper.isWaiting() ? 1 : 0;
        running += busy.isWaiting() ? 0 : 1;
      }
      // The JVM may stop or wake either of them for a moment.
      assertThat(asleep).isGreaterThan(80);
      assertThat(running).isGreaterThan(80);
    } finally {
      end.countDown();
    }
  }

  @Test
  void ofAThreadThatHasEndedNobodyKnows() throws Exception {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    try (RunState state =
        stateOf(Thread.ofPlatform(), () -> thread.complete(Thread.currentThread()))) {
      thread.get(10, TimeUnit.SECONDS).join();
      assertThat(state.isWaiting()).isFalse();
    }
  }
}
