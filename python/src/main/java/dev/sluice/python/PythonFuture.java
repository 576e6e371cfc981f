package dev.sluice.python;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The future of something that needs Python; any thread may wait for it, also one that is attached:
 * the GIL is given back meanwhile. A worker that waits is replaced as long as it does.
 *
 * <p>A wait that could never end, because what is waited for needs the thread that waits, in
 * whatever way ({@link WaitGraph}), is refused with SL143, which writes the circle out. A wait that
 * becomes one of those, because of what others begin to need later, is refused to those others.
 */
public abstract class PythonFuture<T extends @Nullable Object> extends CompletableFuture<T>
    implements WaitGraph.Work {
  /** For those that do more than wait. */
  protected PythonFuture() {}

  @Override
  public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
    return new Dependent<>(this);
  }

  /**
   * What another one becomes, over any number of stages: it needs at least what that does. It knows
   * the first of them only, so that a chain that grows at its end does not keep its beginning.
   */
  private static final class Dependent<T extends @Nullable Object> extends PythonFuture<T> {
    private final WaitGraph.Work source;

    Dependent(WaitGraph.Work source) {
      this.source = source;
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
      return new Dependent<>(source);
    }

    @Override
    public @Nullable Thread runner() {
      return source.isDone() ? null : source.runner();
    }

    @Override
    public String what() {
      return "what follows " + source.what();
    }
  }

  /** What need not wait for its source, because another one may complete it. */
  private static final class Either<T extends @Nullable Object> extends PythonFuture<T> {
    @Override
    public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
      return new Either<>();
    }

    @Override
    public @Nullable Thread runner() {
      return null;
    }

    @Override
    public String what() {
      return "whichever is done first";
    }
  }

  /** The same, as a source that claims nothing. */
  private CompletableFuture<T> either() {
    if (this instanceof Either) {
      return this;
    }
    var either = new Either<T>();
    whenComplete((value, failure) -> {
      if (failure == null) {
        either.complete(value);
      } else {
        either.completeExceptionally(failure);
      }
    });
    return either;
  }

  // What ends with the first of two needs neither of them.

  @Override
  public <U extends @Nullable Object> CompletableFuture<U> applyToEither(
      CompletionStage<? extends T> other, Function<? super T, U> function) {
    return this instanceof Either
        ? super.applyToEither(other, function)
        : either().applyToEither(other, function);
  }

  @Override
  public <U extends @Nullable Object> CompletableFuture<U> applyToEitherAsync(
      CompletionStage<? extends T> other, Function<? super T, U> function, Executor executor) {
    return this instanceof Either
        ? super.applyToEitherAsync(other, function, executor)
        : either().applyToEitherAsync(other, function, executor);
  }

  @Override
  public <U extends @Nullable Object> CompletableFuture<U> applyToEitherAsync(
      CompletionStage<? extends T> other, Function<? super T, U> function) {
    return applyToEitherAsync(other, function, defaultExecutor());
  }

  @Override
  public CompletableFuture<Void> acceptEither(
      CompletionStage<? extends T> other, Consumer<? super T> action) {
    return this instanceof Either
        ? super.acceptEither(other, action)
        : either().acceptEither(other, action);
  }

  @Override
  public CompletableFuture<Void> acceptEitherAsync(
      CompletionStage<? extends T> other, Consumer<? super T> action, Executor executor) {
    return this instanceof Either
        ? super.acceptEitherAsync(other, action, executor)
        : either().acceptEitherAsync(other, action, executor);
  }

  @Override
  public CompletableFuture<Void> acceptEitherAsync(
      CompletionStage<? extends T> other, Consumer<? super T> action) {
    return acceptEitherAsync(other, action, defaultExecutor());
  }

  @Override
  public CompletableFuture<Void> runAfterEither(CompletionStage<?> other, Runnable action) {
    return this instanceof Either
        ? super.runAfterEither(other, action)
        : either().runAfterEither(other, action);
  }

  @Override
  public CompletableFuture<Void> runAfterEitherAsync(
      CompletionStage<?> other, Runnable action, Executor executor) {
    return this instanceof Either
        ? super.runAfterEitherAsync(other, action, executor)
        : either().runAfterEitherAsync(other, action, executor);
  }

  @Override
  public CompletableFuture<Void> runAfterEitherAsync(CompletionStage<?> other, Runnable action) {
    return runAfterEitherAsync(other, action, defaultExecutor());
  }

  /** What refuses a wait that would never end. */
  public static SluiceException refusal(WaitGraph.Circle circle) {
    return new SluiceException(
        PythonError.WAIT_CIRCLE,
        "this wait would never end: %s. Do not wait there: await it, or have it told by a callback."
            .formatted(circle));
  }

  /** A way of waiting. */
  private interface Wait<T extends @Nullable Object> {
    T run() throws InterruptedException, ExecutionException, TimeoutException;
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    try {
      return await(super::get);
    } catch (TimeoutException e) {
      throw new AssertionError("a wait without a limit", e);
    }
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    return await(() -> super.get(timeout, unit));
  }

  @Override
  public T join() {
    try {
      return await(super::join);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("not thrown by join", e);
    }
  }

  private T await(Wait<T> wait) throws InterruptedException, ExecutionException, TimeoutException {
    if (isDone()) {
      return wait.run();
    }
    WaitGraph.Circle circle = Waiting.begin(this);
    if (circle != null) {
      throw refusal(circle);
    }
    try {
      ThreadState given = ThreadContext.giveBack();
      try {
        return wait.run();
      } finally {
        ThreadContext.takeAgain(given);
      }
    } finally {
      Waiting.end();
    }
  }
}
