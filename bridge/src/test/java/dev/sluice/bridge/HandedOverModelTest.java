package dev.sluice.bridge;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Test;

/** What is handed over reaches the loop, in whatever order the steps come, by a model checker. */
class HandedOverModelTest {
  private static final int RUNS = "full".equals(System.getProperty("sluice.tier")) ? 20_000 : 1_000;

  @Test
  void everythingIsTakenOnceAndInOrder() {
    Lincheck.runConcurrentTest(
        RUNS,
        () -> {
          Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
          StringBuilder taken = new StringBuilder();
          AtomicInteger told = new AtomicInteger();
          HandedOver<String> handedOver =
              new HandedOver<>(
                  task -> {
                    told.incrementAndGet();
                    tasks.add(task);
                  },
                  taken::append);
          Thread one =
              new Thread(() -> {
                handedOver.add("a");
                handedOver.add("b");
              });
          Thread two = new Thread(() -> handedOver.add("C"));
          Thread loop =
              new Thread(() -> {
                while (taken.length() < 3) {
                  Runnable task = tasks.poll();
                  if (task == null) {
                    Thread.onSpinWait();
                  } else {
                    task.run();
                  }
                }
              });
          List<Thread> all = List.of(one, two, loop);
          all.forEach(Thread::start);
          try {
            for (Thread thread : all) {
              thread.join();
            }
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          if (!List.of("abC", "aCb", "Cab").contains(taken.toString()) || told.get() > 4) {
            throw new AssertionError(taken + ", told " + told);
          }
        });
  }
}
