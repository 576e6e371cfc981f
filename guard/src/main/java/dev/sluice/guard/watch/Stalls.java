package dev.sluice.guard.watch;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last stalls of the process, and how many there were; told by the watch's thread, read by any.
 */
public final class Stalls {
  /** Those of this process. */
  public static final Stalls OF_PROCESS = new Stalls();

  /** So many are kept. */
  private static final int KEPT = 100;

  /** So many places are remembered as told. */
  private static final int MOST_TOLD = 1_000;

  /** A stall with the number by which it is known, counted from 1. */
  public record Numbered(long number, Stall stall) {}

  /** Two loops may have threads of one name. */
  private record Begun(String loop, Instant at) {}

  private final Deque<Numbered> last = new ArrayDeque<>();
  private final Map<Begun, Long> open = new HashMap<>();
  private final Set<List<String>> told = new HashSet<>();
  private final StallLimit limit = new StallLimit();
  private final LongSupplier clock;
  private final Logger log;
  private long count;

  private Stalls() {
    this(LoggerFactory.getLogger(Stalls.class), System::nanoTime);
  }

  Stalls(Logger log, LongSupplier clock) {
    this.log = log;
    this.clock = clock;
  }

  /** One begins, or is over. */
  void add(Stall stall) {
    boolean isNews;
    synchronized (this) {
      Begun begun = new Begun(stall.loop(), stall.began());
      Long known = open.remove(begun);
      long number = known != null && stall.over() ? known : ++count;
      last.removeIf(each -> each.number() == number);
      if (last.size() == KEPT) {
        last.removeFirst();
      }
      last.addLast(new Numbered(number, stall));
      if (!stall.over()) {
        open.put(begun, number);
      }
      isNews =
          !stall.over()
              && told.size() < MOST_TOLD
              && !told.contains(place(stall))
              && limit.allows(stall.loop(), clock.getAsLong());
      if (isNews) {
        told.add(place(stall));
      }
    }
    if (isNews) {
      log.warn(
          "the loop of {} has stood still for {} s: {}. Further stalls there are only counted:"
              + " sluice.guard.report(). Its stack, innermost first:{}",
          stall.loop(),
          "%.3f".formatted(stall.nanos() / 1e9),
          words(stall),
          lines(StackText.aboveLoop(stall.stack())));
    }
    if (stall.over()) {
      GuardEvents.stall(stall);
    }
  }

  /** Says how many were not logged, as there were too many of them, once a minute. */
  void tellCounted() {
    Map<String, Long> counted;
    synchronized (this) {
      counted = limit.ended(clock.getAsLong());
    }
    counted.forEach((loop, times) ->
        log.warn(
            "the loop of {} has stood still {} more times in the last minute, at other places:"
                + " these were only counted: sluice.guard.report().",
            loop,
            times));
  }

  private static String words(Stall stall) {
    return switch (stall.kind()) {
      case BLOCKED -> "it is blocked in a call";
      case COMPUTING -> "it computes";
      case STARVED ->
          "it waits for the GIL"
              + (stall.holder().isEmpty() ? "" : ", which " + stall.holder().getFirst() + " has");
      case IN_JAVA -> "it is in Java code";
    };
  }

  private static String lines(List<String> stack) {
    StringBuilder text = new StringBuilder();
    stack.forEach(line -> text.append("\n    ").append(line));
    return text.toString();
  }

  /** What tells one cause from another. */
  private static List<String> place(Stall stall) {
    return List.of(stall.kind().name(), stall.place());
  }

  /** Those that are kept, the newest first. */
  public synchronized List<Numbered> last() {
    List<Numbered> all = new ArrayList<>(last);
    Collections.reverse(all);
    return all;
  }

  /** How many there were. */
  public synchronized long count() {
    return count;
  }

  /** Forgets all. */
  public synchronized void clear() {
    last.clear();
    told.clear();
    limit.clear();
    count = 0;
  }
}
