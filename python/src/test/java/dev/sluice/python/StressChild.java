package dev.sluice.python;

import dev.sluice.python.capi.LifecycleApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The programs that {@link StressTest} starts in processes of their own. */
final class StressChild {
  private static final AtomicLong CALLS = new AtomicLong();
  private static final AtomicReference<@Nullable Throwable> FAILURE = new AtomicReference<>();

  private final Python python;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  private StressChild(Python python) {
    this.python = python;
  }

  public static void main(String[] arguments) throws Exception {
    Python python = Python.open(TestedPython.options());
    StressChild stress = new StressChild(python);
    switch (arguments[0]) {
      case "attach" -> stress.attachStorm();
      case "interpreters" -> stress.interpreters();
      case "collectors" -> stress.collectors();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    Thread.sleep(Duration.ofSeconds(Long.parseLong(arguments[1])));
    stress.stopped = true;
    for (Thread thread : stress.threads) {
      thread.join();
    }
    CloseReport report = python.shutdown(Duration.ofSeconds(10));
    System.out.println(CALLS + " calls, " + report);
    Throwable failure = FAILURE.get();
    if (failure != null) {
      failure.printStackTrace();
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private void repeat(int count, String name, Step step) {
    for (int i = 0; i < count; i++) {
      Thread thread =
          Python.newThread(
              name + "-" + i,
              () -> {
                try {
                  while (!stopped) {
                    step.run();
                    CALLS.incrementAndGet();
                  }
                } catch (Throwable t) {
                  FAILURE.compareAndSet(null, t);
                  stopped = true;
                }
              });
      thread.start();
      threads.add(thread);
    }
  }

  /** 64 threads attach, nest, detach, and hand their work to others. */
  private void attachStorm() {
    Interpreter main = python.main();
    repeat(
        64,
        "attaching",
        () -> {
          switch (ThreadLocalRandom.current().nextInt(5)) {
            case 0 -> {
              try (Attached py = main.attach();
                  Attached inner = main.attach()) {
                expect(inner.eval("1 + 1").as(Long.class) == 2);
              }
            }
            case 1 -> {
              try (Attached py = main.attach()) {
                long sum = py.detached(() -> main.submit(in -> 3).join());
                expect(sum + py.eval("4").as(Long.class) == 7);
              }
            }
            case 2 -> expect(main.submit(py -> py.eval("5").as(Long.class)).get() == 5);
            case 3 -> {
              try (Attached py = main.tryAttach(Duration.ofMillis(5))) {
                if (py != null) {
                  py.exec("x = list(range(100))");
                }
              }
            }
            default -> {
              Thread shortLived =
                  Python.newThread(
                      "short-lived",
                      () -> {
                        try (Attached py = main.attach()) {
                          py.eval("object()");
                        }
                      });
              shortLived.start();
              shortLived.join();
            }
          }
        });
  }

  /** Interpreters are opened and closed while others call in. */
  private void interpreters() {
    ConcurrentHashMap<Integer, Interpreter> open = new ConcurrentHashMap<>();
    boolean own = LifecycleApi.minorVersion() >= 14; // 3.13 leaks megabytes with each
    repeat(
        2,
        "opening",
        () -> {
          int key = ThreadLocalRandom.current().nextInt(4);
          boolean owning = own && key % 2 == 0;
          Interpreter made =
              python.newInterpreter(
                  owning ? InterpreterOptions.ownGil() : InterpreterOptions.sharedGil());
          Interpreter old = open.put(key, made);
          if (old != null) {
            expect(old.shutdown(Duration.ofSeconds(20)).finalised());
          }
        });
    repeat(
        8,
        "calling",
        () -> {
          Interpreter any = open.get(ThreadLocalRandom.current().nextInt(4));
          while (any == null && !stopped) {
            Thread.onSpinWait();
            any = open.get(ThreadLocalRandom.current().nextInt(4));
          }
          if (any == null) {
            return;
          }
          try (Attached py = any.attach()) {
            PyObject kept = py.eval("[object() for _ in range(10)]");
            expect(py.eval("6 * 7").as(Long.class) == 42);
            kept.close();
          } catch (SluiceException e) {
            expect(e.code() == PythonError.INTERPRETER_CLOSED);
          }
        });
  }

  /** Objects are made and dropped everywhere, while both collectors run without a pause. */
  private void collectors() {
    Interpreter main = python.main();
    ConcurrentHashMap<Integer, PyObject> shared = new ConcurrentHashMap<>();
    repeat(
        1,
        "collecting",
        () -> {
          System.gc();
          try (Attached py = main.attach()) {
            py.importModule("gc").callMethod("collect").close();
          }
        });
    repeat(
        16,
        "making",
        () -> {
          int key = ThreadLocalRandom.current().nextInt(64);
          try (Attached py = main.attach()) {
            PyObject object = py.eval("(lambda a: (a.append(a), a)[1])([object()])");
            PyObject before = shared.put(key, object);
            if (before != null && ThreadLocalRandom.current().nextBoolean()) {
              // Its first item is an object, its second the list itself.
              expect(before.item(1).item(1).item(0).toString().startsWith("<object"));
            }
          }
          PyObject any = shared.remove(ThreadLocalRandom.current().nextInt(64));
          if (any != null) {
            any.close(); // detached
          }
        });
  }

  private static void expect(boolean holds) {
    if (!holds) {
      throw new AssertionError("not what was expected");
    }
  }
}
