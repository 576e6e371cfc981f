package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that keep the GIL while they wait in Java, against the fake side of the native door. */
@Timeout(30)
class GateTest {
  private final FakeThreadStates door = new FakeThreadStates();
  private final Interpreter interpreter =
      new Interpreter(door, 1, "test", new Gate(door.gil(1, 0)));

  /** Attaches on a new thread, and tells what came of it. */
  private final class Newcomer {
    final CompletableFuture<@Nullable SluiceException> result = new CompletableFuture<>();
    final Thread thread;

    Newcomer() {
      this(interpreter);
    }

    Newcomer(Interpreter wanted) {
      thread = Python.newThread("newcomer", () -> attach(wanted, new Object(), () -> {}));
    }

    Newcomer(Object monitor, Runnable first) {
      thread = Python.newThread("newcomer", () -> attach(interpreter, monitor, first));
    }

    private void attach(Interpreter wanted, Object monitor, Runnable first) {
      try {
        synchronized (monitor) {
          first.run();
          wanted.attach().close();
        }
        result.complete(null);
      } catch (SluiceException e) {
        result.complete(e);
      } catch (Throwable t) {
        result.completeExceptionally(t);
      }
    }

    SluiceException refusal() throws Exception {
      SluiceException refusal = result.get(20, TimeUnit.SECONDS);
      assertThat(refusal).as("it was let in").isNotNull();
      return java.util.Objects.requireNonNull(refusal);
    }
  }

  private static void awaitParked(Thread thread) {
    while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
      LockSupport.parkNanos(100_000);
    }
  }

  @Test
  void whoIsJoinedByTheHolderIsToldSo() throws Exception {
    CompletableFuture<Thread> joining = new CompletableFuture<>();
    Newcomer newcomer = new Newcomer(new Object(), () -> awaitParked(joining.join()));
    Thread holder = joins(newcomer, () -> joining.complete(Thread.currentThread()));
    SluiceException refusal = newcomer.refusal();
    assertThat(refusal.code()).isEqualTo(PythonError.GIL_DEADLOCK);
    assertThat(refusal).hasMessageContainingAll("\"newcomer\"", "\"holder\"", "GateTest");
    assertThat(refusal.getSuppressed()[0].getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("join"));
    holder.join();
    interpreter.attach().close();
  }

  @Test
  void soIsWhoCameBeforeTheHolderBeganToWait() throws Exception {
    Newcomer newcomer = new Newcomer();
    Thread holder = joins(newcomer, () -> awaitWaiting(interpreter));
    assertThat(newcomer.refusal().code()).isEqualTo(PythonError.GIL_DEADLOCK);
    holder.join();
    interpreter.attach().close();
  }

  @Test
  void whoHasLeftMayWaitForAnybody() throws Exception {
    interpreter.attach().close();
    Thread me = Thread.currentThread();
    Thread left =
        Python.newThread(
            "left",
            () -> {
              interpreter.attach().close();
              try {
                me.join();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    left.start();
    awaitParked(left);
    // As if it had been seen to wait while it was still inside.
    new Impasse(state(me)).check(state(left), Impasse.Doing.WAITS);
    left.interrupt();
    left.join();
  }

  private ThreadState state(Thread thread) {
    return interpreter.states().all().stream()
        .filter(state -> state.thread == thread)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void soIsWhoWantsAnotherInterpreterOfTheSameGil() throws Exception {
    Interpreter second = new Interpreter(door, 2, "second", interpreter.gate());
    Newcomer newcomer = new Newcomer(second);
    Thread holder = joins(newcomer, () -> awaitWaiting(second));
    assertThat(newcomer.refusal().code()).isEqualTo(PythonError.GIL_DEADLOCK);
    holder.join();
  }

  @Test
  void aThreadThatEndedWithTheGilIsNamed() throws Exception {
    Thread forgets =
        Python.newThread(
            "forgets",
            () -> {
              Attached forgotten = interpreter.attach();
              assertThat(forgotten.interpreter()).isSameAs(interpreter);
            });
    forgets.start();
    forgets.join();
    Newcomer newcomer = new Newcomer();
    newcomer.thread.start();
    SluiceException refusal = newcomer.refusal();
    assertThat(refusal.code()).isEqualTo(PythonError.GIL_LOST);
    assertThat(refusal).hasMessageContainingAll("\"newcomer\"", "\"forgets\"");
  }

  @Test
  void aHolderThatWaitsForInputIsNamed() throws Exception {
    interpreter.setStallLimit(Duration.ofMillis(200));
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CountDownLatch attached = new CountDownLatch(1);
      Thread holder =
          Python.newThread(
              "accepts",
              () -> {
                try (Attached py = interpreter.attach()) {
                  attached.countDown();
                  socket.accept();
                } catch (IOException closed) {
                  // Which ends the wait.
                }
              });
      holder.start();
      attached.await();
      Newcomer newcomer = new Newcomer();
      newcomer.thread.start();
      SluiceException refusal = newcomer.refusal();
      assertThat(refusal.code()).isEqualTo(PythonError.GIL_STALLED);
      assertThat(refusal).hasMessageContainingAll("\"newcomer\"", "\"accepts\"");
      socket.close();
      holder.join();
    }
    interpreter.attach().close();
  }

  @Test
  void tryingInsideAnotherInterpreterOfTheSameGilLetsIn() {
    Interpreter second = new Interpreter(door, 2, "second", interpreter.gate());
    try (Attached py = interpreter.attach();
        Attached inner = second.tryAttach(Duration.ofSeconds(5))) {
      assertThat(inner).isNotNull();
    }
  }

  @Test
  void whoIsRefusedInTheMiddleOfTheLineLeavesIt() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch attached = new CountDownLatch(1);
    Interpreter closing = new Interpreter(door, 2, "closing", interpreter.gate());
    Thread holder = holdUntil(release, attached);
    attached.await();
    Newcomer first = new Newcomer();
    first.thread.start();
    awaitWaiting(interpreter);
    Newcomer second = new Newcomer(closing);
    second.thread.start();
    awaitWaiting(closing);
    Newcomer third = new Newcomer();
    third.thread.start();
    assertThat(closing.shut(System.nanoTime() + 50_000_000L)).isNotNull();
    assertThat(second.refusal().code()).isEqualTo(PythonError.INTERPRETER_CLOSED);
    release.countDown();
    assertThat(first.result.get(20, TimeUnit.SECONDS)).isNull();
    assertThat(third.result.get(20, TimeUnit.SECONDS)).isNull();
    holder.join();
  }

  private Thread joins(Newcomer newcomer, Runnable first) {
    Thread holder =
        Python.newThread(
            "holder",
            () -> {
              try (Attached py = interpreter.attach()) {
                newcomer.thread.start();
                first.run();
                newcomer.thread.join();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    holder.start();
    return holder;
  }

  private static void awaitWaiting(Interpreter interpreter) {
    while (interpreter.states().all().stream().noneMatch(ThreadState::isWaiting)) {
      LockSupport.parkNanos(100_000);
    }
    LockSupport.parkNanos(10_000_000); // longer than anybody is patient
  }

  @Test
  void soIsWhoOwnsTheLockThatTheHolderWaitsFor() throws Exception {
    Object monitor = new Object();
    CountDownLatch locked = new CountDownLatch(1);
    CountDownLatch attached = new CountDownLatch(1);
    Thread holder =
        Python.newThread(
            "holder",
            () -> {
              try (Attached py = interpreter.attach()) {
                awaitQuietly(locked);
                attached.countDown();
                synchronized (monitor) {
                  assertThat(py.interpreter()).isSameAs(interpreter);
                }
              }
            });
    Newcomer newcomer =
        new Newcomer(
            monitor,
            () -> {
              locked.countDown();
              awaitQuietly(attached);
              while (holder.getState() != Thread.State.BLOCKED) {
                LockSupport.parkNanos(100_000);
              }
            });
    holder.start();
    newcomer.thread.start();
    assertThat(newcomer.refusal().code()).isEqualTo(PythonError.GIL_DEADLOCK);
    holder.join();
  }

  @Test
  void whoWaitsTooLongForAHolderThatWaitsIsToldSo() throws Exception {
    interpreter.setStallLimit(Duration.ofMillis(200));
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch attached = new CountDownLatch(1);
    Thread holder = holdUntil(release, attached);
    attached.await();
    awaitParked(holder);
    Newcomer newcomer = new Newcomer();
    newcomer.thread.start();
    SluiceException refusal = newcomer.refusal();
    assertThat(refusal.code()).isEqualTo(PythonError.GIL_STALLED);
    assertThat(refusal).hasMessageContainingAll("\"newcomer\"", "\"holder\"", "0.2 s");
    release.countDown();
    holder.join();
  }

  @Test
  void whoComesWhileTheHolderWaitsShortlyIsLetIn() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch attached = new CountDownLatch(1);
    Thread holder = holdUntil(release, attached);
    attached.await();
    awaitParked(holder);
    Newcomer newcomer = new Newcomer();
    newcomer.thread.start();
    while (newcomer.thread.getState() != Thread.State.TIMED_WAITING) {
      LockSupport.parkNanos(100_000);
    }
    newcomer.thread.interrupt(); // no reason not to attach
    release.countDown();
    assertThat(newcomer.result.get(20, TimeUnit.SECONDS)).isNull();
    holder.join();
  }

  @Test
  void tryingRefusesInTimeAndLetsIn() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch attached = new CountDownLatch(1);
    Thread holder = holdUntil(release, attached);
    attached.await();
    long start = System.nanoTime();
    assertThat(interpreter.tryAttach(Duration.ofMillis(100))).isNull();
    assertThat(System.nanoTime() - start).isBetween(90_000_000L, 5_000_000_000L);
    release.countDown();
    holder.join();
    try (Attached py = interpreter.tryAttach(Duration.ofSeconds(10))) {
      assertThat(py).isNotNull();
      try (Attached nested = interpreter.tryAttach(Duration.ZERO)) {
        assertThat(nested).isNotNull();
      }
    }
    assertThat(interpreter.shut(System.nanoTime() + 5_000_000_000L)).isEmpty();
  }

  @Test
  void waitingForASubmittedTaskGivesTheGilBack() throws Exception {
    try (Attached py = interpreter.attach()) {
      assertThat(interpreter.submit(inner -> 1).join()).isEqualTo(1);
      assertThat(interpreter.submit(inner -> 2).get()).isEqualTo(2);
      assertThat(interpreter.submit(inner -> 3).thenApply(i -> i + 1).get(9, TimeUnit.SECONDS))
          .isEqualTo(4);
    }
  }

  private Thread holdUntil(CountDownLatch release, CountDownLatch attached) {
    Thread holder =
        Python.newThread(
            "holder",
            () -> {
              try (Attached py = interpreter.attach()) {
                attached.countDown();
                awaitQuietly(release);
              }
            });
    holder.start();
    return holder;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
