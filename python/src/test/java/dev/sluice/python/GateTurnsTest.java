package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that want the GIL all the time, against the fake side of the native door. */
@Timeout(30)
class GateTurnsTest {
  private final FakeThreadStates door = new FakeThreadStates();
  private final Interpreter interpreter =
      new Interpreter(door, 1, "test", new Gate(door.gil(1, 0)));

  @Test
  void manyThreadsTakeTurns() throws Exception {
    int rounds = 2000;
    List<Thread> threads = new ArrayList<>();
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int round = 0; round < rounds; round++) {
                  try (Attached py = interpreter.attach()) {
                    assertThat(inside.incrementAndGet()).isEqualTo(1);
                    inside.decrementAndGet();
                  }
                }
                done.incrementAndGet();
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(done.get()).isEqualTo(8);
  }

  /** The one that has the GIL most of the time would have it for ever if nobody's turn came. */
  @Test
  void whoCallsShortlyAllTheTimeLetsOthersIn() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicIntegerArray counts = new AtomicIntegerArray(4);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < counts.length(); i++) {
      int mine = i;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                while (!stop.get()) {
                  try (Attached py = interpreter.attach()) {
                    counts.addAndGet(mine, py.interpreter() == interpreter ? 1 : 0);
                  }
                }
              }));
    }
    for (int i = 0; i < counts.length(); i++) {
      while (counts.get(i) == 0) {
        LockSupport.parkNanos(100_000);
      }
    }
    long start = System.nanoTime();
    int rounds = 20;
    for (int i = 0; i < rounds; i++) {
      interpreter.attach().close();
      try (Attached py = interpreter.tryAttach(Duration.ofSeconds(5))) {
        assertThat(py).isNotNull();
      }
    }
    assertThat(System.nanoTime() - start).isLessThan(rounds * 500_000_000L);
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
