import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.Python;
import dev.sluice.python.PythonOptions;
import dev.sluice.python.SluiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Handlers that call Python, hop to another thread, and call Python again: 200 as virtual threads,
 * which resume on whatever carrier is free, and 50 as chains of tasks on a pool, each step of which
 * runs on another thread than the one before. Then the two mistakes that once ended a process.
 */
public final class Hop {
  private static final int VIRTUAL = 200;
  private static final int PLATFORM = 50;

  private final Interpreter python;
  private final PyObject handler;
  private final AtomicLong left;
  private final AtomicLong hops = new AtomicLong();
  private final CountDownLatch done = new CountDownLatch(VIRTUAL + PLATFORM);

  private Hop(Interpreter python, PyObject handler, long crossings) {
    this.python = python;
    this.handler = handler;
    this.left = new AtomicLong(crossings);
  }

  public static void main(String[] arguments) throws Exception {
    long crossings = arguments.length == 0 ? 1_000_000 : Long.parseLong(arguments[0]);
    try (Python python = Python.open(PythonOptions.embedded())) {
      PyObject handler;
      try (Attached py = python.main().attach()) {
        py.exec("count = 0\ndef handle(step):\n    global count\n    count += 1\n    return step");
        handler = py.eval("handle");
      }
      Hop hop = new Hop(python.main(), handler, crossings);
      hop.run();
      try (Attached py = python.main().attach()) {
        System.out.printf(
            "%d crossings, %d hops to another thread, Python counted %d%n",
            crossings, hop.hops.get(), py.eval("count").as(Long.class));
      }
      attachOnVirtualThread(python.main());
      useOnAnotherThread(python.main());
    }
  }

  private void run() throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(PLATFORM, task -> Python.newThread("step", task));
    for (int i = 0; i < VIRTUAL; i++) {
      Thread.ofVirtual().name("handler-" + i).start(this::asVirtualThread);
    }
    for (int i = 0; i < PLATFORM; i++) {
      pool.execute(() -> step(pool, Thread.currentThread()));
    }
    done.await();
    pool.shutdown();
  }

  /** Blocking code: each call of Python runs on a worker, and each hop may change the carrier. */
  private void asVirtualThread() {
    while (left.decrementAndGet() >= 0) {
      long step = ThreadLocalRandom.current().nextLong();
      long answer = python.submit(py -> handler.call(step).as(Long.class)).join();
      check(step, answer);
      switch (ThreadLocalRandom.current().nextInt(3)) {
        case 0 -> Thread.yield();
        case 1 -> LockSupport.parkNanos(1000);
        default -> {}
      }
      hops.incrementAndGet();
    }
    done.countDown();
  }

  /** One step of a chain: a call of Python in a scope, then the next step on any thread. */
  private void step(ExecutorService pool, Thread before) {
    if (Thread.currentThread() != before) {
      hops.incrementAndGet();
    }
    if (left.decrementAndGet() < 0) {
      done.countDown();
      return;
    }
    long step = ThreadLocalRandom.current().nextLong();
    try (Attached py = python.attach();
        PyObject result = handler.call(step)) {
      check(step, result.as(Long.class));
    }
    Thread here = Thread.currentThread();
    pool.execute(() -> step(pool, here));
  }

  private static void check(long step, long answer) {
    if (step != answer) {
      throw new IllegalStateException(step + " came back as " + answer);
    }
  }

  /** A virtual thread could be unmounted inside the scope, and resume as another thread. */
  private static void attachOnVirtualThread(Interpreter python) throws InterruptedException {
    Thread.ofVirtual()
        .name("wanderer")
        .start(() -> refused(() -> python.attach().close()))
        .join();
  }

  /** What document 000's coroutines did: the scope goes along to another thread. */
  private static void useOnAnotherThread(Interpreter python) throws InterruptedException {
    try (Attached py = python.attach()) {
      List<Thread> threads = new ArrayList<>();
      threads.add(Python.newThread("resumed", () -> refused(() -> py.eval("1"))));
      threads.add(Python.newThread("returned", () -> refused(py::close)));
      for (Thread thread : threads) {
        thread.start();
        thread.join();
      }
    }
  }

  private static void refused(Runnable mistake) {
    try {
      mistake.run();
      System.out.println("allowed");
    } catch (SluiceException e) {
      System.out.println(e.code().id() + ": " + e.getMessage());
    }
  }
}
