package dev.sluice.python;

import static dev.sluice.python.Attachments.has;
import static dev.sluice.python.Attachments.in;
import static dev.sluice.python.Attachments.runOnThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Closing beside threads that attach, against the fake side of the native door. */
@Timeout(20)
class AttachmentEndTest {
  private final FakeThreadStates door = new FakeThreadStates();
  private final Gate gate = new Gate(door.gil(1, 0));
  private final Interpreter interpreter = new Interpreter(door, 1, "test", gate);

  @Test
  void closingWaitsForThoseInsideAndNamesThoseWhoStay() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    Thread holder =
        new Thread(
            () -> {
              try (Attached py = interpreter.attach()) {
                py.detached(() -> {
                  inside.countDown();
                  awaitUnchecked(leave);
                  return 0;
                });
              }
            },
            "holder");
    holder.start();
    awaitUnchecked(inside);
    assertThat(interpreter.shut(in(Duration.ofMillis(30))))
        .extracting(state -> state.thread)
        .containsExactly(holder);
    leave.countDown();
    holder.join();
    assertThat(interpreter.shut(in(Duration.ofSeconds(5)))).isEmpty();
  }

  @Test
  void closingWaitsAlsoOnAThreadThatWasInterrupted() {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    Thread holder =
        Thread.ofPlatform()
            .start(() -> {
              try (Attached py = interpreter.attach()) {
                py.detached(() -> {
                  inside.countDown();
                  awaitUnchecked(leave);
                  return 0;
                });
              }
            });
    awaitUnchecked(inside);
    Thread.ofPlatform()
        .start(() -> {
          while (!interpreter.isClosed()) {
            Thread.onSpinWait();
          }
          leave.countDown();
        });
    Thread.currentThread().interrupt();
    assertThat(interpreter.shut(in(Duration.ofSeconds(10)))).isEmpty();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(holder.isAlive() && interpreter.states().all().getFirst().inside).isFalse();
  }

  @Test
  void whoIsRefusedAgainAndAgainIsNotWaitedForAndKeepsNoState() throws InterruptedException {
    ThreadState one = interpreter.states().make(Thread.currentThread());
    ThreadState two = interpreter.states().make(Thread.currentThread());
    AtomicBoolean over = new AtomicBoolean();
    one.inside = true;
    Thread knocker =
        Thread.ofPlatform()
            .start(() -> {
              // One of the two always just tries, as with many threads.
              while (!over.get()) {
                two.inside = true;
                one.inside = false;
                Thread.onSpinWait();
                one.inside = true;
                two.inside = false;
              }
            });
    assertThat(interpreter.shut(in(Duration.ofSeconds(10)))).isEmpty();
    long mine = door.create(0);
    door.attach(mine);
    interpreter.disposeStates(new ThreadState(interpreter, 0, Thread.currentThread()));
    door.detach();
    over.set(true);
    knocker.join();
    assertThat(door.disposed()).contains(one.address, two.address);
  }

  @Test
  void onceClaimedNotEvenThoseWhoOnlyLookAreLetIn() throws InterruptedException {
    assertThat(interpreter.shut(in(Duration.ofSeconds(1)))).isEmpty();
    runOnThread(() -> Attaching.openAtEnd(interpreter).close());
    ThreadState own = new ThreadState(interpreter, 0, Thread.currentThread());
    assertThat(interpreter.claim(own, in(Duration.ofSeconds(1)))).isEmpty();
    assertThatThrownBy(() -> Attaching.openAtEnd(interpreter))
        .satisfies(has(PythonError.INTERPRETER_CLOSED));
    assertThatThrownBy(() -> interpreter.states().lend(own))
        .satisfies(has(PythonError.INTERPRETER_CLOSED));
    interpreter.disclaim();
    runOnThread(() -> Attaching.openAtEnd(interpreter).close());
  }

  @Test
  void closingAndAttachingNeverMeet() throws InterruptedException {
    for (int round = 0; round < 200; round++) {
      Interpreter contested = new Interpreter(door, round, "contested", gate);
      List<Thread> threads = new ArrayList<>();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      for (int i = 0; i < 4; i++) {
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  try {
                    for (; ; ) {
                      contested.attach().close();
                    }
                  } catch (SluiceException closed) {
                    assertThat(closed.code()).isEqualTo(PythonError.INTERPRETER_CLOSED);
                  } catch (Throwable t) {
                    failure.set(t);
                  }
                }));
      }
      assertThat(contested.shut(in(Duration.ofSeconds(5)))).isEmpty();
      ThreadState own = new ThreadState(contested, 0, Thread.currentThread());
      long mine = door.create(0);
      door.attach(mine);
      contested.disposeStates(own);
      door.detach();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failure.get()).isNull();
    }
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
