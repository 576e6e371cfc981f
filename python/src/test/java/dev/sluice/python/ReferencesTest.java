package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** References: counted exactly, given back by whoever drops them. */
@Timeout(120)
class ReferencesTest {
  private final Interpreter main = EmbeddedPython.main();

  private record Pair(String name, int number) {}

  @Test
  void countsExactlyOverAMillionConversions() {
    try (Attached py = main.attach()) {
      py.exec(
          "import sys\nclass Sentinel: pass\nsentinel = Sentinel()\ndef echo(*a, **k): return a");
      try (PyObject sentinel = py.eval("sentinel");
          PyFunction echo = py.eval("echo").function();
          PyFunction count = py.eval("lambda: sys.getrefcount(sentinel)").function();
          PyFunction blocks = py.eval("sys.getallocatedblocks").function()) {
        for (int i = 0; i < 2000; i++) {
          convertEverything(sentinel, echo);
        }
        int before = count.callAs(int.class);
        long blocksBefore = blocks.callAs(long.class);
        for (int i = 0; i < 20_000; i++) {
          convertEverything(sentinel, echo);
        }
        assertThat(count.callAs(int.class)).isEqualTo(before);
        assertThat(blocks.callAs(long.class)).isCloseTo(blocksBefore, within(200));
      }
    }
  }

  private static org.assertj.core.data.Offset<Long> within(long blocks) {
    return org.assertj.core.data.Offset.offset(blocks);
  }

  /** About fifty conversions, failing ones included. */
  private static void convertEverything(PyObject sentinel, PyFunction echo) {
    Object[] values = {
      sentinel,
      null,
      true,
      1,
      1L << 40,
      0.5,
      "text",
      "\u20ac",
      "\ud800",
      new byte[] {1},
      BigInteger.TWO.pow(100),
      Duration.ofNanos(5000),
      List.of(1, "a"),
      Map.of("k", sentinel),
      new int[] {1, 2, 3},
      new Pair("p", 1),
      TimeUnit.DAYS,
      new Complex(1, 2)
    };
    try (PyObject all = echo.call(values)) {
      List<Object> back = new ArrayList<>(all.asList(Object.class));
      for (Object item : back) {
        if (item instanceof PyObject object) {
          object.close();
        }
        if (item instanceof Map<?, ?> map) {
          map.values().forEach(value -> ((PyObject) value).close());
        }
      }
      try (PyObject first = all.item(0);
          PyObject type = first.type()) {
        assertThat(first.isSame(sentinel)).isTrue();
        assertThat(type.isCallable()).isTrue();
      }
    }
    // Failing half-way gives everything back as well.
    try {
      echo.run(sentinel, List.of(sentinel, java.util.Set.of(List.of())));
      throw new AssertionError("a list was put into a set");
    } catch (PythonException e) {
      e.exception().close();
    }
    echo.run(sentinel, Keywords.of("a", sentinel, "b", List.of(sentinel)));
  }

  @Test
  void survivesStormsOfDrops() throws InterruptedException {
    int made = 200_000;
    int threads = 8;
    PyObject alive;
    try (Attached py = main.attach()) {
      py.exec(
          """
          class Counted:
              alive = 0
              def __init__(self): Counted.alive += 1
              def __del__(self): Counted.alive -= 1
          """);
      alive = py.eval("lambda: Counted.alive");
    }
    ConcurrentLinkedQueue<PyObject> queue = new ConcurrentLinkedQueue<>();
    CountDownLatch done = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      Random random = new Random(i);
      Python.newThread("dropper-" + i, () -> dropAll(queue, random, done)).start();
    }
    try (PyFunction counted = functionOf("Counted")) {
      for (int i = 0; i < made; i += 100) {
        try (Attached py = main.attach()) {
          for (int k = 0; k < 100; k++) {
            PyObject object = counted.call();
            if (k % 4 != 0) {
              queue.add(object); // every fourth is left to the collector
            }
          }
        }
      }
    }
    for (int i = 0; i < threads; i++) {
      queue.add(alive); // tells a dropper to end
    }
    done.await();
    for (int i = 0; ; i++) {
      System.gc();
      Thread.sleep(10);
      try (Attached py = main.attach();
          PyObject left = alive.call()) {
        if (left.as(int.class) == 0) {
          return;
        }
        assertThat(i).as("%s objects are left", left).isLessThan(500);
      }
    }
  }

  private PyFunction functionOf(String name) {
    try (Attached py = main.attach()) {
      return py.eval(name).function();
    }
  }

  /** Drops from the queue: detached, attached, and twice. */
  private void dropAll(ConcurrentLinkedQueue<PyObject> queue, Random random, CountDownLatch done) {
    while (true) {
      PyObject object = queue.poll();
      if (object == null) {
        Thread.onSpinWait();
        continue;
      }
      if (isSentinel(object)) {
        done.countDown();
        return;
      }
      if (random.nextInt(3) == 0) {
        try (Attached py = main.attach()) {
          object.close();
        }
      } else {
        object.close();
      }
      object.close();
    }
  }

  private boolean isSentinel(PyObject object) {
    try (Attached py = main.attach()) {
      return object.isCallable();
    }
  }

  @Test
  void givesBackWithoutAnybodyAttaching(@TempDir Path folder) throws InterruptedException {
    Path freed = folder.resolve("freed");
    PyObject canary;
    try (Attached py = main.attach()) {
      py.exec(
          """
          class Canary:
              def __init__(self, file): self.file = file
              def __del__(self): open(self.file, 'w').close()
          """);
      canary = py.eval("Canary").call(freed.toString());
    }
    canary.close(); // detached: into the queue
    for (int i = 0; !Files.exists(freed); i++) {
      assertThat(i).as("tenths of a second").isLessThan(300);
      Thread.sleep(100);
    }
  }

  @Test
  void closesUnderAnotherThreadsUse() throws Exception {
    for (int i = 0; i < 50; i++) {
      PyObject used;
      try (Attached py = main.attach()) {
        py.exec(
            "class Slow:\n  def __call__(self):\n    import time; time.sleep(.002)\n    return id(self)");
        used = py.eval("Slow()");
      }
      var call = main.submit(py -> used.call().as(long.class) != 0);
      Thread.sleep(i % 4);
      used.close();
      try {
        assertThat(call.get(20, TimeUnit.SECONDS)).isTrue();
      } catch (java.util.concurrent.ExecutionException e) {
        assertThat(e).hasMessageContaining("after it was closed");
      }
    }
  }

  @Test
  void refusesUseElsewhereAndAfterwards() throws Exception {
    PyFunction function = functionOf("len");
    assertThatThrownBy(() -> function.callAs(int.class, "abc"))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(PythonError.NOT_ATTACHED));
    assertThatThrownBy(() -> function.callLong(1)).isInstanceOf(SluiceException.class);
    assertThatThrownBy(() -> function.object().setAttr("a", 1)).isInstanceOf(SluiceException.class);
    function.close();
    try (Attached py = main.attach()) {
      assertThatThrownBy(() -> function.run())
          .isInstanceOfSatisfying(
              SluiceException.class, e -> assertThat(e.code()).isEqualTo(PythonError.SCOPE_CLOSED));
    }
  }
}
