package dev.sluice.dashboard;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.RequestObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * The slowest requests of the last minutes; told by the IO threads, for which one that is not slow
 * costs some nanoseconds; read by any thread.
 */
public final class SlowRequests implements RequestObserver {
  /** So many are kept. */
  static final int KEPT = 20;

  /** For so long. */
  static final Duration AGE = Duration.ofMinutes(5);

  private static final int LONGEST_TARGET = 300;

  /**
   * One of them.
   *
   * @param ended when it had ended, in milliseconds since 1970
   */
  record Slow(String method, String target, int status, long nanos, long ended, long endedNanos) {}

  private final LongSupplier clock;
  private final LongAdder count = new LongAdder();
  private final List<Slow> slowest = new ArrayList<>();

  /** What is faster than this is none of them while the list is full. */
  private volatile long least;

  /** When the oldest of a full list may be forgotten. */
  private volatile long due;

  /** Makes an empty list. */
  public SlowRequests() {
    this(System::nanoTime);
  }

  SlowRequests(LongSupplier clock) {
    this.clock = clock;
  }

  @Override
  public void ended(Exchange exchange, Outcome outcome) {
    count.increment();
    long now = clock.getAsLong();
    if (outcome.nanos() > least || now - due > 0) {
      String target = exchange.request().target();
      add(
          new Slow(
              exchange.request().method(),
              target.length() > LONGEST_TARGET ? target.substring(0, LONGEST_TARGET) : target,
              outcome.status(),
              outcome.nanos(),
              System.currentTimeMillis(),
              now));
    }
  }

  private synchronized void add(Slow slow) {
    forget(slow.endedNanos());
    slowest.add(slow);
    slowest.sort(Comparator.comparingLong(Slow::nanos).reversed());
    if (slowest.size() > KEPT) {
      slowest.removeLast();
    }
    boolean full = slowest.size() == KEPT;
    least = full ? slowest.getLast().nanos() : 0;
    due =
        slowest.stream().mapToLong(Slow::endedNanos).min().orElse(slow.endedNanos())
            + AGE.toNanos();
  }

  private void forget(long now) {
    slowest.removeIf(each -> now - each.endedNanos() > AGE.toNanos());
  }

  /** The slowest first. */
  synchronized List<Slow> slowest() {
    forget(clock.getAsLong());
    return List.copyOf(slowest);
  }

  /** How many requests have ended. */
  long count() {
    return count.sum();
  }
}
