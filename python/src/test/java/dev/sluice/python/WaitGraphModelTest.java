package dev.sluice.python;

import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.Lincheck;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Threads that begin to wait for each other at once, in whatever order their steps come, by a model
 * checker: it says so where all of them wait for ever.
 */
class WaitGraphModelTest {
  private static final int RUNS = "full".equals(System.getProperty("sluice.tier")) ? 20_000 : 1_000;

  /** What one thread does: done when it says so. */
  private static final class Job implements WaitGraph.Work {
    private volatile boolean done;
    private volatile @Nullable Thread runner;

    @Override
    public boolean isDone() {
      return done;
    }

    @Override
    public @Nullable Thread runner() {
      return runner;
    }

    @Override
    public String what() {
      return "a job";
    }
  }

  /** Each has a job that needs the next one's, which it waits for. */
  private static void ring(int size) {
    WaitGraph graph = new WaitGraph();
    List<Job> jobs = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    boolean[] refused = new boolean[size];
    for (int i = 0; i < size; i++) {
      jobs.add(new Job());
    }
    for (int i = 0; i < size; i++) {
      Job own = jobs.get(i);
      Job next = jobs.get((i + 1) % size);
      int index = i;
      Thread thread =
          new Thread(() -> {
            Thread me = Thread.currentThread();
            if (graph.block(me, next) != null) {
              refused[index] = true;
            } else {
              while (!next.done) {
                Thread.onSpinWait();
              }
              graph.unblock(me);
            }
            own.done = true;
          });
      own.runner = thread;
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    int refusals = 0;
    for (int i = 0; i < size; i++) {
      try {
        threads.get(i).join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      refusals += refused[i] ? 1 : 0;
    }
    // Whoever is refused goes on, and with that all others do.
    if (refusals != 1 || graph.size() != 0) {
      throw new AssertionError(refusals + " refused, " + graph.size() + " left");
    }
  }

  @Test
  void ofTwoOneIsRefused() {
    Lincheck.runConcurrentTest(RUNS, () -> ring(2));
  }

  @Test
  void ofThreeOneIsRefused() {
    Lincheck.runConcurrentTest(RUNS, () -> ring(3));
  }

  /** A thread waits for work, while that work begins to need the thread's own. */
  @Test
  void aNeedAndAWaitDoNotMissEachOther() {
    Lincheck.runConcurrentTest(
        RUNS,
        () -> {
          WaitGraph graph = new WaitGraph();
          Job waits = new Job();
          Job needs = new Job();
          int[] refusals = new int[2];
          Thread waiter =
              new Thread(() -> {
                if (graph.block(Thread.currentThread(), needs) != null) {
                  refusals[0]++;
                } else {
                  while (!needs.done) {
                    Thread.onSpinWait();
                  }
                  graph.unblock(Thread.currentThread());
                }
                waits.done = true;
              });
          waits.runner = waiter;
          Thread needing =
              new Thread(() -> {
                if (graph.need(needs, waits) != null) {
                  refusals[1]++;
                } else {
                  while (!waits.done) {
                    Thread.onSpinWait();
                  }
                  graph.forget(needs, waits);
                }
                needs.done = true;
              });
          waiter.start();
          needing.start();
          try {
            waiter.join();
            needing.join();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          if (refusals[0] + refusals[1] != 1 || graph.size() != 0) {
            throw new AssertionError(refusals[0] + ", " + refusals[1] + ", " + graph.size());
          }
        });
  }
}
