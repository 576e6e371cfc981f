package dev.sluice.python;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One thread takes a lock of Java's and attaches; another one, attached, takes the lock after each
 * thing that Python can do for it. The first has to be refused then, wherever it waits; {@link
 * LockOrderTest} starts this.
 */
final class LockOrderChild {
  private static final Lock LOCK = new ReentrantLock();
  private static final AtomicLong TAKEN = new AtomicLong();

  private static final Map<String, BiConsumer<Attached, PyObject>> USES =
      new TreeMap<>(
          Map.of(
              "attr", (py, slow) -> slow.attr("x").close(),
              "as", (py, slow) -> slow.as(Integer.class),
              "call", (py, slow) -> slow.call().close(),
              "close", (py, slow) -> slow.call(true).close(),
              "eval", (py, slow) -> py.eval("slow()").close(),
              "item", (py, slow) -> slow.item(1).close(),
              "iterate", (py, slow) -> slow.iterator().next().close(),
              "length", (py, slow) -> slow.length(),
              "scope", (py, slow) -> slow.callMethod("java").close(),
              "text", (py, slow) -> slow.repr()));

  private final Interpreter main;
  private volatile @Nullable Case running;

  /** What one case has seen so far. */
  private record Case(
      BiConsumer<Attached, PyObject> use,
      AtomicLong entered,
      AtomicLong refused,
      AtomicLong locked) {
    Case(BiConsumer<Attached, PyObject> use) {
      this(use, new AtomicLong(), new AtomicLong(), new AtomicLong());
    }
  }

  private LockOrderChild(Interpreter main) {
    this.main = main;
  }

  public static void main(String[] arguments) throws Exception {
    long nanos = (long) (Double.parseDouble(arguments[0]) * 1e9);
    Python python = Python.open(TestedPython.options());
    try (Attached py = python.main().attach()) {
      py.module("of_java").function("lock", PythonFunction.class, LockOrderChild::lock);
      py.exec(
          """
          import threading, time
          from of_java import lock
          def nap(result):
              time.sleep(0.0002)
              return result
          class Late:
              def __del__(self): time.sleep(0.0002)
          class Slow:
              def __getattr__(self, name): return nap(1)
              def __index__(self): return nap(1)
              def __call__(self, late=False): return Late() if late else nap(1)
              def __getitem__(self, index): return nap(1)
              def __iter__(self): return (nap(i) for i in range(1))
              def __len__(self): return nap(1)
              def __repr__(self): return nap("slow")
              def java(self): return lock()
          slow = Slow()
          def work():
              while True: sum(range(100))
          """);
    }
    new LockOrderChild(python.main()).runAll(nanos);
    System.out.println("shutdown " + python.shutdown(Duration.ofSeconds(10)).finalised());
    System.exit(0); // a daemon thread of Python's runs for ever
  }

  private static @Nullable Object lock(Attached py, @Nullable Object... given) {
    takeLock();
    return null;
  }

  private static void takeLock() {
    LOCK.lock();
    try {
      TAKEN.incrementAndGet();
    } finally {
      LOCK.unlock();
    }
  }

  /** The threads stay: what has ended leaves Python code to run for whoever attaches next. */
  private void runAll(long nanos) throws InterruptedException {
    Thread attaching = Python.newThread("attaching", this::attachWithLock);
    Thread locking = Python.newThread("locking", this::lockAttached);
    attaching.setDaemon(true);
    locking.setDaemon(true);
    for (boolean beside : new boolean[] {false, true}) {
      if (beside) {
        try (Attached py = main.attach()) {
          py.exec("threading.Thread(target=work, daemon=True).start()");
        }
      }
      for (Map.Entry<String, BiConsumer<Attached, PyObject>> use : USES.entrySet()) {
        Case next = new Case(use.getValue());
        running = next;
        if (attaching.getState() == Thread.State.NEW) {
          attaching.start();
          locking.start();
        }
        Thread.sleep(Duration.ofNanos(nanos));
        awaitProgress(next, use.getKey(), attaching);
        System.out.printf(
            "%s%s: entered %d, refused %d, locked %d%n",
            use.getKey(),
            beside ? " beside Python" : "",
            next.entered.get(),
            next.refused.get(),
            next.locked.get());
      }
    }
    running = null;
    attaching.join();
    locking.join();
  }

  /** Fails unless both threads do something within 20 s. */
  private static void awaitProgress(Case now, String name, Thread attaching)
      throws InterruptedException {
    long tries = now.entered.get() + now.refused.get();
    long locks = now.locked.get();
    for (int i = 0; i < 2000; i++) {
      Thread.sleep(10);
      if (now.entered.get() + now.refused.get() > tries && now.locked.get() > locks) {
        return;
      }
    }
    System.out.println(name + ": stuck at " + List.of(attaching.getStackTrace()));
    Runtime.getRuntime().halt(1);
  }

  private void attachWithLock() {
    Case now;
    for (int i = 0; (now = running) != null; i++) {
      LOCK.lock();
      try (Attached py = i % 2 == 0 ? main.attach() : main.tryAttach(Duration.ofSeconds(60))) {
        now.entered.incrementAndGet();
      } catch (SluiceException e) {
        if (e.code() != PythonError.GIL_DEADLOCK) {
          throw e;
        }
        now.refused.incrementAndGet();
      } finally {
        LOCK.unlock();
      }
      LockSupport.parkNanos(1); // so that the other one gets the lock
    }
  }

  private void lockAttached() {
    Case now;
    while ((now = running) != null) {
      try (Attached py = main.attach();
          PyObject slow = py.eval("slow")) {
        for (int i = 0; i < 20; i++) {
          now.use.accept(py, slow);
          takeLock();
          now.locked.incrementAndGet();
        }
      }
    }
  }
}
