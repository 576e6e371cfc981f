package dev.sluice.python;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for what, in the whole process, so that a wait that could never end is refused before
 * it begins; any thread.
 *
 * <p>There are two kinds of waits: a thread that does nothing else meanwhile, and work that needs
 * other work while its thread goes on. Work that is not done needs the thread that runs it as well.
 * Each wait is entered and looked at in one step: of those that would close a circle together, the
 * last one is refused, and no other. The step takes a lock and some hundred nanoseconds, calls
 * nothing that waits, and neither takes the GIL nor needs it.
 */
public final class WaitGraph {
  /** What the threads of this process wait for. */
  public static final WaitGraph ALL = new WaitGraph();

  private final Map<Thread, Deque<Work>> blocked = new HashMap<>();
  private final IdentityHashMap<Work, Set<Work>> needed = new IdentityHashMap<>();

  WaitGraph() {}

  /** Something that will be done; compared by identity. */
  public interface Work {
    /** Whether it is done, in whatever way; any thread. */
    boolean isDone();

    /** The thread that it cannot go on without, if one is known; any thread. */
    @Nullable Thread runner();

    /** What it is, for people: "fetch()", say; any thread, which may have to wait for the GIL. */
    String what();
  }

  /** A way from whoever waits back to itself; to be written out when the lock is free again. */
  public static final class Circle {
    private final List<Step> steps;

    private Circle(List<Step> steps) {
      this.steps = List.copyOf(steps);
    }

    /** For people: who waits for what, in order, on one line. */
    @Override
    public String toString() {
      return steps.stream().map(Step::text).collect(Collectors.joining("; "));
    }
  }

  /** One wait: of some work for other work or for a thread, or of a thread for work. */
  private record Step(@Nullable Work work, @Nullable Thread thread, @Nullable Work next) {
    String text() {
      if (work == null) {
        return "thread %s waits for %s".formatted(name(), what(next));
      }
      if (thread == null) {
        return "%s needs %s".formatted(work.what(), what(next));
      }
      String needs = "%s needs thread %s".formatted(work.what(), name());
      return next == null ? needs : needs + ", which waits for " + next.what();
    }

    private String name() {
      return thread == null ? "" : thread.getName();
    }

    private static String what(@Nullable Work work) {
      return work == null ? "" : work.what();
    }
  }

  /**
   * A thread is about to wait for some work, and does nothing else until {@link #unblock}.
   *
   * @return null; or if it would wait for ever, the circle, and nothing was entered
   */
  public synchronized @Nullable Circle block(Thread who, Work what) {
    Circle circle = circleOf(who, what);
    if (circle == null) {
      blocked.computeIfAbsent(who, thread -> new ArrayDeque<>(1)).push(what);
    }
    return circle;
  }

  /** A thread no longer waits for what it began to wait for last. */
  public synchronized void unblock(Thread who) {
    Deque<Work> waits = blocked.get(who);
    if (waits != null) {
      waits.pop();
      if (waits.isEmpty()) {
        blocked.remove(who);
      }
    }
  }

  /** Whether a thread that waits does so for ever, as others have begun to wait since. */
  public synchronized @Nullable Circle check(Thread who) {
    Deque<Work> waits = blocked.get(who);
    return waits == null ? null : circleOf(who, waits.element());
  }

  /**
   * Some work needs other work before it goes on; until {@link #forget} or the other is done.
   *
   * @return null; or if it would never go on, the circle, and nothing was entered
   */
  public synchronized @Nullable Circle need(Work who, Work what) {
    Search search = new Search(null, who);
    search.path.add(new Step(who, null, what));
    if (who == what || search.leadsBack(what)) {
      return new Circle(search.path);
    }
    needed.computeIfAbsent(who, work -> new LinkedHashSet<>(2)).add(what);
    return null;
  }

  /** Some work does not need other work any more. */
  public synchronized void forget(Work who, Work what) {
    Set<Work> needs = needed.get(who);
    if (needs != null && needs.remove(what) && needs.isEmpty()) {
      needed.remove(who);
    }
  }

  /** Some work, which is done, needs nothing any more. */
  public synchronized void forget(Work who) {
    needed.remove(who);
  }

  /** How many threads wait, and how much work needs other work. */
  synchronized int size() {
    return blocked.size() + needed.size();
  }

  private @Nullable Circle circleOf(Thread who, Work what) {
    Search search = new Search(who, null);
    search.path.add(new Step(null, who, what));
    return search.leadsBack(what) ? new Circle(search.path) : null;
  }

  /** A search for whoever is about to wait: a thread, or some work. */
  private final class Search {
    final List<Step> path = new ArrayList<>();
    private final @Nullable Thread thread;
    private final @Nullable Work goal;
    private final Set<Work> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    Search(@Nullable Thread thread, @Nullable Work goal) {
      this.thread = thread;
      this.goal = goal;
    }

    /** Whether some work is not done before the one who is about to wait has gone on. */
    boolean leadsBack(Work work) {
      if (work.isDone() || !seen.add(work)) {
        return false;
      }
      Thread runner = work.runner();
      if (runner != null && runner == thread) {
        path.add(new Step(work, runner, null));
        return true;
      }
      Deque<Work> waits = runner == null ? null : blocked.get(runner);
      return (waits != null && oneLeadsBack(work, runner, waits))
          || oneLeadsBack(work, null, needed.getOrDefault(work, Set.of()));
    }

    private boolean oneLeadsBack(Work work, @Nullable Thread runner, Collection<Work> others) {
      for (Work other : others) {
        path.add(new Step(work, runner, other));
        if (other == goal || leadsBack(other)) {
          return true;
        }
        path.removeLast();
      }
      return false;
    }
  }
}
