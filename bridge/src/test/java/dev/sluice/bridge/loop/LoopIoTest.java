package dev.sluice.bridge.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where a loop sleeps, without a Python loop above it; this test's threads run it. */
@Timeout(60)
class LoopIoTest {
  private static final long FOR_EVER = -1;

  private final LoopIo io = new LoopIo();
  private final List<Thread> ran = new ArrayList<>();

  @AfterEach
  void close() {
    io.close();
  }

  private void note() {
    ran.add(Thread.currentThread());
  }

  private static void on(Thread thread) throws InterruptedException {
    thread.setDaemon(true); // it may sleep for ever, if the test fails
    thread.start();
    thread.join();
  }

  @Test
  void whatComesBetweenTwoRunsIsDoneByTheNextThread() throws Exception {
    on(new Thread(() -> io.await(0)));
    io.execute(this::note);
    Thread second = new Thread(() -> io.await(FOR_EVER));
    on(second);
    assertThat(ran).containsExactly(second);
  }

  @Test
  void whatComesBeforeTheFirstRunIsDoneInIt() throws Exception {
    io.execute(this::note);
    Thread first = new Thread(() -> io.await(FOR_EVER));
    on(first);
    assertThat(ran).containsExactly(first);
  }

  @Test
  void whatIsLeftIsDoneByWhoClosesIt() throws Exception {
    on(new Thread(() -> io.await(0)));
    io.execute(this::note);
    io.close();
    assertThat(ran).containsExactly(Thread.currentThread());
    assertThatThrownBy(() -> io.execute(this::note)).isInstanceOf(RejectedExecutionException.class);
    assertThat(ran).hasSize(1);
  }

  @Test
  void aTaskThatThrowsHarmsNoOther() {
    io.execute(() -> {
      throw new AssertionError("on purpose");
    });
    io.execute(this::note);
    io.await(FOR_EVER);
    assertThat(ran).hasSize(1);
  }

  @Test
  void aWakeUpEndsTheNextSleepToo() {
    io.await(0);
    io.wake();
    io.await(FOR_EVER);
    long begun = System.nanoTime();
    io.await(1_000_000);
    assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(1_000_000);
  }

  @Test
  void everySleepEndsWithATask() throws Exception {
    int many = 4_000;
    AtomicInteger done = new AtomicInteger();
    Thread sleeps =
        new Thread(() -> {
          while (done.get() < many) {
            io.await(FOR_EVER);
          }
        });
    sleeps.setDaemon(true);
    sleeps.start();
    for (int i = 0; i < many; i++) {
      io.execute(done::incrementAndGet);
      if (i % 2 == 0) {
        int sent = i + 1;
        while (done.get() < sent) {
          Thread.onSpinWait();
        }
      }
    }
    sleeps.join();
    assertThat(done).hasValue(many);
  }
}
