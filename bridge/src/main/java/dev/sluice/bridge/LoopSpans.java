package dev.sluice.bridge;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which threads run loops, and which did a moment ago, for those who hear of a thread's doings
 * late; any thread.
 */
public final class LoopSpans {
  /** So many threads are remembered before those that have left are forgotten. */
  private static final int MANY = 256;

  /** So many runs of one thread are remembered. */
  private static final int RUNS = 8;

  /** How long a thread that has left is remembered at least. */
  private static final long SECONDS = 10;

  /** By the thread's number; the last run is the last in its list. */
  private static final Map<Long, List<Span>> SPANS = new ConcurrentHashMap<>();

  private record Span(String name, Instant entered, @Nullable Instant left) {
    boolean has(Instant moment) {
      return !moment.isBefore(entered) && (left == null || !moment.isAfter(left));
    }

    boolean isOver(Instant moment) {
      return left != null && left.isBefore(moment);
    }
  }

  private LoopSpans() {}

  static void entered(Thread thread) {
    if (SPANS.size() >= MANY) {
      Instant longAgo = Instant.now().minusSeconds(SECONDS);
      SPANS.values().removeIf(runs -> runs.getLast().isOver(longAgo));
    }
    SPANS.compute(
        thread.threadId(),
        (id, before) -> {
          List<Span> runs = before == null ? new ArrayList<>() : new ArrayList<>(before);
          if (runs.size() == RUNS) {
            runs.removeFirst();
          }
          runs.add(new Span(thread.getName(), Instant.now(), null));
          return List.copyOf(runs);
        });
  }

  static void left(Thread thread) {
    SPANS.computeIfPresent(
        thread.threadId(),
        (id, before) -> {
          List<Span> runs = new ArrayList<>(before);
          Span last = runs.removeLast();
          runs.add(new Span(last.name(), last.entered(), Instant.now()));
          return List.copyOf(runs);
        });
  }

  /**
   * The name of a thread that ran a loop at some moment of the last seconds; empty if it did not.
   */
  public static Optional<String> loopAt(long threadId, Instant moment) {
    return SPANS.getOrDefault(threadId, List.of()).stream()
        .filter(span -> span.has(moment))
        .map(Span::name)
        .findFirst();
  }
}
