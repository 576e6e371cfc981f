package dev.sluice.guard.watch;

import dev.sluice.bridge.LoopView;
import dev.sluice.python.ThreadView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code sluice-watch}: looks again and again, without the GIL, whether loops stand
 * still, and at what. A look costs a loop nothing, and the watch some microseconds; that at one
 * that stands still some hundred, and the loop's thread a stop at a safe point for its stack in
 * Java.
 */
public final class LoopWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LoopWatch.class);

  /** So many looks are taken within the time after which a loop counts as standing still. */
  private static final int LOOKS = 4;

  private static final long SHORTEST_PAUSE_NANOS = 1_000_000;

  private final long threshold;
  private final Consumer<Stall> told;
  private final Runnable looked;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final IdentityHashMap<LoopView, Standing> standing = new IdentityHashMap<>();
  private final Thread thread;

  /**
   * Starts one.
   *
   * @param threshold how long a loop may be with its callbacks before it counts as standing still
   * @param told is given each stall on the watch's thread: when it has lasted so long, and when it
   *     is over
   * @param looked is run after each look at all of them
   */
  public LoopWatch(Duration threshold, Consumer<Stall> told, Runnable looked) {
    this.threshold = threshold.toNanos();
    this.told = told;
    this.looked = looked;
    thread = new Thread(this::run, "sluice-watch");
    thread.setDaemon(true);
    thread.start();
  }

  /** One that stands still, and what it was seen at. */
  private static final class Standing {
    final long since;
    final Instant began;
    final String name;
    List<String> stack = List.of();
    List<String> holder = List.of();

    /**
     * When its stack is to be looked at: each time after twice as long, so that the last counts.
     */
    long next;

    final Map<Stall.Kind, Integer> seen = new EnumMap<>(Stall.Kind.class);

    Standing(ThreadView thread, long since, long now) {
      name = thread.thread().getName();
      this.since = since;
      began = Instant.now().minusNanos(now - since);
    }

    void look(ThreadView thread, long now) {
      if (now - since >= next) {
        next = 2 * (now - since);
        stack = thread.stack();
      }
      Stall.Kind kind = kind(thread.doing());
      seen.merge(kind, 1, Integer::sum);
      if (kind == Stall.Kind.STARVED && holder.isEmpty()) {
        holder = thread.holder().map(Standing::lines).orElse(List.of());
      }
    }

    private static List<String> lines(ThreadView.Holder holder) {
      List<String> lines = new ArrayList<>();
      lines.add(holder.name());
      holder.frames().forEach(frame -> lines.add(ThreadView.line(frame)));
      return lines;
    }

    private static Stall.Kind kind(ThreadView.Doing doing) {
      return switch (doing) {
        case IN_JAVA -> Stall.Kind.IN_JAVA;
        case HAS_GIL, COMPUTES_ELSEWHERE -> Stall.Kind.COMPUTING;
        case WAITS_FOR_GIL -> Stall.Kind.STARVED;
        case WAITS_ELSEWHERE -> Stall.Kind.BLOCKED;
      };
    }

    Stall stall(LoopView view, long nanos, boolean over) {
      Stall.Kind most =
          seen.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
      return new Stall(name, view.interpreter(), most, nanos, stack, holder, began, over);
    }
  }

  private void run() {
    long pause = Math.max(SHORTEST_PAUSE_NANOS, threshold / LOOKS);
    try {
      while (!closed.await(pause, TimeUnit.NANOSECONDS)) {
        List<LoopView> loops = LoopView.all();
        forget(loops);
        for (LoopView loop : loops) {
          try {
            look(loop);
          } catch (RuntimeException e) {
            LOG.warn("a loop could not be looked at", e);
          }
        }
        looked.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What ends while it stands still goes on no more, and so is over. */
  private void forget(List<LoopView> running) {
    long now = System.nanoTime();
    standing
        .entrySet()
        .removeIf(each -> {
          if (running.contains(each.getKey())) {
            return false;
          }
          Standing known = each.getValue();
          told.accept(known.stall(each.getKey(), now - known.since, true));
          return true;
        });
  }

  private void look(LoopView loop) {
    long since = loop.since();
    long now = System.nanoTime();
    ThreadView its = loop.thread().orElse(null);
    Standing known = standing.get(loop);
    if (known != null && known.since != since) {
      standing.remove(loop);
      told.accept(known.stall(loop, now - known.since, true));
      known = null;
    }
    if (its == null || since == 0 || now - since < threshold) {
      return;
    }
    if (known != null) {
      known.look(its, now);
      return;
    }
    Standing begun = new Standing(its, since, now);
    standing.put(loop, begun);
    begun.look(its, now);
    told.accept(begun.stall(loop, now - since, false));
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
