package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks for an interpreter's main thread, without an interpreter. */
@Timeout(20)
class MainThreadTest {
  private static PythonError codeOf(CompletableFuture<?> failed) {
    AtomicReference<PythonError> code = new AtomicReference<>();
    assertThatThrownBy(failed::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(SluiceException.class, e -> code.set((PythonError) e.code()));
    return code.get();
  }

  @Test
  void aTaskThatIsInterruptedEndsNothingButItself() throws InterruptedException {
    MainThread thread = MainThread.start("under-test");
    thread.thread().interrupt();
    thread.submit(() -> {
      Thread.currentThread().interrupt();
      return 1;
    });
    assertThat(thread.submit(() -> Thread.currentThread().isInterrupted()).join()).isFalse();
    thread.end();
    thread.thread().join();
  }

  @Test
  void whatATaskThrowsGoesToWhoeverWaits() {
    MainThread thread = MainThread.start("under-test");
    assertThatThrownBy(
            thread.submit(() -> {
              throw new IllegalStateException("on purpose");
            })
                ::join)
        .hasRootCauseMessage("on purpose");
    assertThat(thread.submit(() -> 2).join()).isEqualTo(2);
    thread.end();
  }

  @Test
  void tasksAfterTheEndFail() throws InterruptedException {
    MainThread thread = MainThread.start("under-test");
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<Integer> running =
        thread.submit(() -> {
          begun.countDown();
          try {
            go.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return 1;
        });
    begun.await();
    CompletableFuture<Integer> queued = thread.submit(() -> 2);
    thread.end();
    assertThat(codeOf(queued)).isEqualTo(PythonError.INTERPRETER_CLOSED);
    assertThat(codeOf(thread.submit(() -> 3))).isEqualTo(PythonError.INTERPRETER_CLOSED);
    go.countDown();
    assertThat(running.join()).isEqualTo(1);
    thread.thread().join();
  }

  @Test
  void tooManyTasksAreRefusedButNotOurOwn() throws InterruptedException {
    MainThread thread = MainThread.start("under-test");
    FakeThreadStates door = new FakeThreadStates();
    Interpreter interpreter = new Interpreter(door, 1, "test", new Gate(door.gil(1, 0)));
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    thread.submit(() -> {
      begun.countDown();
      Futures.await(CompletableFuture.runAsync(() -> awaitUnchecked(go)));
      return 1;
    });
    begun.await();
    CompletableFuture<Integer> last = CompletableFuture.completedFuture(0);
    for (int i = 0; i < MainThread.MOST_QUEUED; i++) {
      last = thread.submit(interpreter, py -> 1);
    }
    assertThat(codeOf(thread.submit(interpreter, py -> 2))).isEqualTo(PythonError.WORKERS_FULL);
    CompletableFuture<Integer> own = thread.submit(() -> 3);
    go.countDown();
    assertThat(last.join()).isEqualTo(1);
    assertThat(own.join()).isEqualTo(3);
    thread.end();
    thread.thread().join();
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aThreadThatIsNotOursRunsItsOwnTasksOnly() throws InterruptedException {
    MainThread thread = MainThread.calling();
    assertThat(thread.submit(() -> 1).join()).isEqualTo(1);
    AtomicReference<PythonError> code = new AtomicReference<>();
    Thread other = Thread.ofPlatform().start(() -> code.set(codeOf(thread.submit(() -> 2))));
    other.join();
    assertThat(code.get()).isEqualTo(PythonError.WRONG_THREAD);
  }
}
