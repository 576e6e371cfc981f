package dev.sluice.python;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Waiting for a future of ours; any thread, also one that is attached. */
final class Futures {
  private Futures() {}

  /**
   * The result, or what the task threw, as if it had been called here. The GIL is given back
   * meanwhile.
   */
  static <T extends @Nullable Object> T await(CompletableFuture<T> future) {
    ThreadState given = ThreadContext.giveBack();
    try {
      return future.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw e;
      }
    } finally {
      ThreadContext.takeAgain(given);
    }
  }
}
