package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The worker threads of an interpreter, against the fake side of the native door. */
@Timeout(60)
class WorkersTest {
  private final Interpreter interpreter = newInterpreter();

  private static Interpreter newInterpreter() {
    FakeThreadStates door = new FakeThreadStates();
    return new Interpreter(door, 1, "test", new Gate(door.gil(1, 0)));
  }

  private static int nest(Interpreter interpreter, int depth) {
    return depth == 0 ? 0 : interpreter.submit(py -> nest(interpreter, depth - 1)).join() + 1;
  }

  private static ErrorCode codeOf(@Nullable Throwable thrown) {
    return switch (thrown) {
      case null -> throw new AssertionError("no SluiceException");
      case SluiceException refused -> refused.code();
      case Throwable other -> codeOf(other.getCause());
    };
  }

  @Test
  void tasksWaitForTasksBeyondTheNumberOfWorkers() {
    assertThat(nest(interpreter, 5 * Workers.MOST)).isEqualTo(5 * Workers.MOST);
    // What was added is only for those that wait.
    assertThat(nest(interpreter, 5 * Workers.MOST)).isEqualTo(5 * Workers.MOST);
  }

  @Test
  void tasksOfTwoInterpretersWaitForEachOther() {
    Interpreter other = newInterpreter();
    assertThat(alternate(interpreter, other, 3 * Workers.MOST)).isEqualTo(3 * Workers.MOST);
  }

  private static int alternate(Interpreter one, Interpreter other, int depth) {
    return depth == 0 ? 0 : one.submit(py -> alternate(other, one, depth - 1)).join() + 1;
  }

  @Test
  void manyTasksSplitThemselves() throws Exception {
    List<CompletableFuture<Integer>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(interpreter.submit(py -> split(5)));
    }
    for (CompletableFuture<Integer> each : all) {
      assertThat(each.get(50, TimeUnit.SECONDS)).isEqualTo(32);
    }
  }

  private int split(int times) throws Exception {
    if (times == 0) {
      return 1;
    }
    CompletableFuture<Integer> half = interpreter.submit(py -> split(times - 1));
    CompletableFuture<Integer> other = interpreter.submit(py -> split(times - 1));
    return ThreadLocalRandom.current().nextBoolean()
        ? half.join() + other.get()
        : half.get(40, TimeUnit.SECONDS) + other.thenApply(sum -> sum).join();
  }

  @Test
  void tooManyThatWaitAreTold() {
    assertThatThrownBy(() -> nest(interpreter, 2 * Workers.MOST_THREADS))
        .satisfies(thrown -> assertThat(codeOf(thrown)).isEqualTo(PythonError.WORKERS_WAIT));
    assertThat(nest(interpreter, 2)).isEqualTo(2);
  }

  @Test
  void aFullQueueIsNamed() throws Exception {
    CountDownLatch running = new CountDownLatch(Workers.MOST);
    CountDownLatch busy = new CountDownLatch(1);
    List<CompletableFuture<Integer>> all = new ArrayList<>();
    for (int i = 0; i < Workers.MOST + Workers.MOST_QUEUED; i++) {
      if (i == Workers.MOST) {
        running.await();
      }
      all.add(
          interpreter.submit(py ->
              py.detached(() -> {
                running.countDown();
                try {
                  busy.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                return 1;
              })));
    }
    CompletableFuture<Integer> refused = interpreter.submit(py -> 1);
    assertThatThrownBy(() -> refused.get(5, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("65536 tasks")
        .satisfies(thrown -> assertThat(codeOf(thrown)).isEqualTo(PythonError.WORKERS_FULL));
    busy.countDown();
    assertThat(CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)))
        .succeedsWithin(50, TimeUnit.SECONDS);
  }

  @Test
  void aTaskThatComesTooLateIsRefusedAsClosed() {
    Workers workers = new Workers(interpreter);
    workers.shutdown();
    assertThatThrownBy(() -> workers.submit(py -> 1).join())
        .satisfies(thrown -> assertThat(codeOf(thrown)).isEqualTo(PythonError.INTERPRETER_CLOSED));
  }
}
