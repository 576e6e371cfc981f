package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads, both collectors and what they leave. */
@Timeout(180)
class JavaStressTest {
  private static final int THREADS = 100;
  private final Interpreter main = EmbeddedPython.main();

  private static final String NAMES =
      """
      import gc, sys, threading
      from sluice import java
      Sample = java.type("dev.sluice.python.Sample")
      ArrayList = java.type("java.util.ArrayList")
      IOException = java.type("java.io.IOException")
      """;

  @Test
  void aHundredThreadsCallOneObject() throws InterruptedException {
    try (Attached py = main.attach()) {
      py.exec(NAMES);
      py.exec(
          """
          shared = Sample("shared", 1)
          def work(times):
              total = 0
              for i in range(times):
                  total += shared.addTo(i) + Sample.addReleased(i, 1)
                  mine = ArrayList()
                  mine.add(shared)
                  assert mine[0] is shared
                  try:
                      Sample.fail("x")
                  except IOException as e:
                      assert e.getMessage() == "x"
              return total
          """);
    }
    AtomicBoolean done = new AtomicBoolean();
    Thread collector = new Thread(() -> collect(done));
    collector.start();
    List<CompletableFuture<Long>> results = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      CompletableFuture<Long> result = new CompletableFuture<>();
      results.add(result);
      Thread thread =
          new Thread(() -> {
            try (Attached py = main.attach()) {
              result.complete(py.eval("work(30)").as(Long.class));
            } catch (Throwable t) {
              result.completeExceptionally(t);
            }
          });
      thread.start();
    }
    assertThat(results).allSatisfy(result -> assertThat(result.join()).isEqualTo(930L));
    done.set(true);
    collector.join();
  }

  private void collect(AtomicBoolean done) {
    while (!done.get()) {
      System.gc();
      try (Attached py = main.attach()) {
        py.exec("gc.collect()");
      }
    }
  }

  @Test
  void pythonsOwnThreadsCallJava() {
    try (Attached py = main.attach()) {
      py.exec(NAMES);
      py.exec(
          """
          results = []
          def own():
              s = Sample("own", 5)
              for i in range(20):
                  results.append(s.addTo(i) + Sample.words("a b") + Sample.addReleased(1, 1))
                  Sample.callBack(lambda: results.append(0))
          threads = [threading.Thread(target=own) for _ in range(20)]
          for t in threads: t.start()
          for t in threads: t.join()
          """);
      assertThat(py.eval("len(results), sum(results)").toString()).isEqualTo("(800, 7400)");
    }
  }

  @Test
  void leavesNothingBehind() {
    try (Attached py = main.attach()) {
      py.exec(NAMES);
      py.exec(
          """
          class Mine(Sample):
              pass
          def round(times):
              kept = Sample("kept", 1)
              for i in range(times):
                  Sample.add(i, 1); kept.addTo(i); kept.upper("abc"); Sample.kind(1.5)
                  l = ArrayList(); l.add("x"); l.add(kept); l[0]; len(l)
                  for x in l: pass
                  kept.name = "y"; kept.name
                  m = Mine("m", i); m.itself = m
                  try:
                      if i % 10 == 0: Sample.fail("x")
                      if i % 10 == 1: kept.addTo("wrong")
                  except (IOException, TypeError):
                      pass
          def blocks():
              gc.collect()
              return sys.getallocatedblocks()
          round(3000)
          before = blocks()
          """);
      int held = held();
      py.exec("round(20000)\nafter = blocks()");
      // What PyObjects held on this side comes back when the Java collector has run.
      assertThat(held()).as("what other tests held may go as well").isLessThanOrEqualTo(held);
      assertThat(py.eval("after - before").as(Long.class)).isLessThan(500L);
    }
  }

  private int held() {
    return main.exposed().size();
  }

  @Test
  void droppedWhileTheyRun() throws InterruptedException {
    try (Attached py = main.attach()) {
      py.exec("import gc, time, sample_of_java");
      py.exec(
          """
          tickers = [sample_of_java.Ticker() for _ in range(100)]
          for t in tickers: t.start()
          while min(len(t.messages()) for t in tickers) < 3: time.sleep(0.01)
          for t in tickers[:50]: t.stop()
          stopped = all(t.messages() == list(range(len(t.messages()))) for t in tickers)
          """);
      assertThat(py.eval("stopped").as(Boolean.class)).isTrue();
      assertThat(Ticker.RUNNING.get()).isEqualTo(50);
      py.exec("del t, tickers\ngc.collect()");
    }
    for (int i = 0; i < 1000 && Ticker.RUNNING.get() > 0; i++) {
      Thread.sleep(10);
    }
    assertThat(Ticker.RUNNING.get()).isZero();
  }

  @Test
  void weakReferencesAndResurrection() throws IOException {
    try (Attached py = main.attach()) {
      py.exec(NAMES);
      List<Object> holder = new ArrayList<>();
      Sample sample = new Sample("s", 1);
      holder.add(sample);
      py.module("weak").value("holder", holder);
      py.exec(
          """
          import weak, weakref
          seen = []
          # Asks Java for the object again while its Python object is on its way out.
          ref = weakref.ref(weak.holder[0], lambda r: seen.append(weak.holder[0]))
          gc.collect()
          """);
      assertThat(py.eval("ref() is None, len(seen), seen[0].name").toString())
          .isEqualTo("(True, 1, 's')");
      assertThat((Object) py.eval("seen[0]").as(Sample.class)).isSameAs(sample);
      assertThat(py.eval("weak.holder[0] is seen[0]").as(Boolean.class)).isTrue();
    }
  }
}
