package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a future of Python's by a future's many methods, without Python. */
@Timeout(60)
class PythonFutureTest {
  /** Something that the thread of the test has to do. */
  private static final class Own extends PythonFuture<String> {
    private final Thread runner = Thread.currentThread();

    @Override
    public @Nullable Thread runner() {
      return runner;
    }

    @Override
    public String what() {
      return "own()";
    }
  }

  @Test
  void whatFollowsNeedsItToo() {
    assertThatThrownBy(() -> new Own().thenApply(String::length).thenApply(n -> n + 1).join())
        .hasMessageContaining("this wait would never end")
        .hasMessageContaining("what follows own()");
    assertThatThrownBy(() -> new Own().thenCombine(new Own(), String::concat).join())
        .hasMessageContaining("this wait would never end");
  }

  /** Another thread completes the other one, so none of these waits for ever. */
  @Test
  void whatEndsWithEitherOfTwoDoesNot() throws Exception {
    CompletableFuture<String> other = new CompletableFuture<>();
    CompletableFuture<?>[] either = {
      new Own().applyToEither(other, String::length),
      new Own().applyToEitherAsync(other, String::length),
      new Own().applyToEither(other, String::length).thenApply(n -> n + 1),
      new Own().acceptEither(other, it -> {}),
      new Own().acceptEitherAsync(other, it -> {}),
      new Own().runAfterEither(other, () -> {}),
      new Own().runAfterEitherAsync(other, () -> {}),
    };
    other.completeOnTimeout("done", 100, TimeUnit.MILLISECONDS);
    for (CompletableFuture<?> each : either) {
      each.get(20, TimeUnit.SECONDS);
      assertThat(each).isCompleted();
    }
  }

  @Test
  void norDoTheirOutcomesGetLost() {
    Own own = new Own();
    CompletableFuture<Integer> length =
        own.applyToEither(new CompletableFuture<>(), String::length);
    own.complete("four");
    assertThat(length).isCompletedWithValue(4);
    Own failing = new Own();
    CompletableFuture<Void> failed = failing.acceptEither(new CompletableFuture<>(), it -> {});
    failing.completeExceptionally(new IllegalStateException("on purpose"));
    assertThat(failed).isCompletedExceptionally();
  }

  /** Each of them would ask the one before. */
  @Test
  void aLongChainIsNotClimbed() {
    Own first = new Own();
    CompletableFuture<String> last = first;
    for (int i = 0; i < 50_000; i++) {
      last = last.thenApply(it -> it);
    }
    CompletableFuture<String> tested = last;
    assertThatThrownBy(tested::join).hasMessageContaining("this wait would never end");
  }
}
