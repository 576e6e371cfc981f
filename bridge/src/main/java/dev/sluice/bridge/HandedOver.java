package dev.sluice.bridge;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What other threads hand over to a loop, in the order of each; taken on the loop's thread, which
 * is told once for as much as comes until it looks.
 */
final class HandedOver<T> {
  /** So many are taken before the loop looks at anything else. */
  private static final int MOST_AT_ONCE = 10_000;

  private final Queue<T> waiting = new ConcurrentLinkedQueue<>();

  /** Whether the loop has been told and has not looked since. */
  private final AtomicBoolean told = new AtomicBoolean();

  /** Whether something waits that the loop could not be told of. */
  private volatile boolean untold;

  private final Consumer<Runnable> loop;
  private final Consumer<T> taker;
  private volatile boolean closed;

  /**
   * Makes an empty one.
   *
   * @param loop has something run on the loop's thread, or throws if it never will
   * @param taker is given one after the other there
   */
  HandedOver(Consumer<Runnable> loop, Consumer<T> taker) {
    this.loop = loop;
    this.taker = taker;
  }

  /**
   * Hands something over; any other thread than the loop's.
   *
   * @throws RuntimeException what the loop throws that takes nothing: then it is not handed over
   */
  void add(T what) {
    waiting.add(what);
    try {
      tell();
    } catch (RuntimeException e) {
      waiting.remove(what); // whoever is told of the failure may try again
      // Others may have left it to us to tell of theirs.
      untold = true;
      throw e;
    }
    // Who told the loop for us may have failed; who closes this says so first, then clears it.
    if (closed && waiting.remove(what)) {
      throw new RejectedExecutionException("the loop is closed");
    }
  }

  private void tell() {
    if (!told.get() && told.compareAndSet(false, true)) {
      try {
        loop.accept(this::take);
      } catch (RuntimeException e) {
        told.set(false);
        throw e;
      }
    }
  }

  private void take() {
    told.set(false);
    for (int i = 0; i < MOST_AT_ONCE && !closed; i++) {
      @Nullable T what = waiting.poll();
      if (what == null) {
        return;
      }
      taker.accept(what);
    }
    if (!closed) {
      tell();
    }
  }

  /** Takes what the loop could not be told of; on the loop's thread, whenever it has slept. */
  void takeUntold() {
    if (untold) {
      untold = false;
      take();
    }
  }

  /** Forgets what waits, and takes nothing more; on the loop's thread, or when it runs no more. */
  void close() {
    closed = true;
    waiting.clear();
  }
}
