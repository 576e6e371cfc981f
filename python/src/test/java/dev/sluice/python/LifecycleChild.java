package dev.sluice.python;

import dev.sluice.python.install.Installation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/** The programs that {@link LifecycleTest} starts in processes of their own. */
final class LifecycleChild {
  private LifecycleChild() {}

  public static void main(String[] arguments) throws InterruptedException {
    Thread main = new Thread(() -> run(arguments[0]), "child-main");
    main.start();
    main.join();
    System.out.println("joined");
  }

  private static void run(String program) {
    if (program.equals("after")) {
      after();
      return;
    }
    if (program.equals("retry")) {
      retry();
      return;
    }
    Python python = Python.open(TestedPython.options().withCloseLimit(Duration.ofSeconds(2)));
    try {
      switch (program) {
        case "plain" -> plain(python);
        case "storm" -> storm(python);
        case "stuck" -> stuck(python);
        case "threads" -> threads(python);
        default -> throw new IllegalArgumentException(program);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    System.out.println(python.shutdown(Duration.ofSeconds(2)));
    System.out.println("closed");
  }

  private static void plain(Python python) {
    try (Attached py = python.main().attach()) {
      py.exec("import atexit; atexit.register(print, 'atexit ran', flush=True)");
    }
  }

  /** 64 threads call in while Python is closed at a moment of its own choosing. */
  private static void storm(Python python) throws InterruptedException {
    AtomicBoolean failed = new AtomicBoolean();
    CountDownLatch started = new CountDownLatch(64);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      threads.add(Python.newThread("caller-" + i, () -> callUntilClosed(python, started, failed)));
    }
    threads.forEach(Thread::start);
    started.await();
    Thread.sleep(ThreadLocalRandom.current().nextInt(200));
    python.close();
    for (Thread thread : threads) {
      thread.join();
    }
    System.out.println(failed.get() ? "failed" : "all refused");
  }

  private static void callUntilClosed(Python python, CountDownLatch started, AtomicBoolean failed) {
    boolean first = true;
    try {
      for (; ; ) {
        try (Attached py = python.main().attach()) {
          py.exec("x = [object() for _ in range(100)]");
          py.toPython("dropped without being closed");
        }
        if (first) {
          first = false;
          started.countDown();
        }
      }
    } catch (SluiceException e) {
      if (e.code() != PythonError.INTERPRETER_CLOSED) {
        failed.set(true);
        e.printStackTrace();
      }
    }
  }

  /** A thread stays inside a C call for longer than closing waits. */
  private static void stuck(Python python) throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    Thread sleeper =
        Python.newThread(
            "sleeper",
            () -> {
              try (Attached py = python.main().attach()) {
                inside.countDown();
                py.exec("import time; time.sleep(600)");
              }
            });
    sleeper.setDaemon(true);
    sleeper.start();
    inside.await();
    plain(python);
  }

  /** Python's own threads are joined, and a daemon one does no harm. */
  private static void threads(Python python) {
    try (Attached py = python.main().attach()) {
      py.exec(
          """
          import threading, time
          def late():
              time.sleep(0.3)
              print('thread ended', flush=True)
          threading.Thread(target=late, daemon=False).start()
          threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
          """);
    }
  }

  /** What is used after the end is refused, also on the thread that closed Python. */
  private static void after() {
    Python python = Python.open(TestedPython.options().withCloseLimit(Duration.ofSeconds(1)));
    PyObject kept;
    try (Attached py = python.main().attach()) {
      kept = py.eval("[object()]");
    }
    python.close();
    refused("attr", () -> kept.attr("append"));
    refused("attach", () -> python.main().attach());
    kept.close();
    kept.close();
    python.close();
    System.out.println("closed");
  }

  /** A library that cannot be loaded does not keep the next one from being opened. */
  private static void retry() {
    PythonOptions options = TestedPython.options();
    for (String library : List.of("/nonexistent/libpython3.14.so", System.mapLibraryName("java"))) {
      Path path = Path.of(System.getProperty("java.home"), "lib").resolve(library);
      refused("SL120", () -> Python.open(withLibrary(options, path)));
    }
    Python python = Python.open(options);
    plain(python);
    refused("SL121", () -> Python.open(options));
    python.close();
    refused("SL121", () -> Python.open(options));
    System.out.println("closed");
  }

  private static PythonOptions withLibrary(PythonOptions options, Path library) {
    Installation real = options.installation();
    return PythonOptions.of(
        new Installation(
            real.version(),
            library,
            real.programName(),
            real.executable(),
            real.prefix(),
            List.of(),
            real.origin(),
            "to fail"));
  }

  private static void refused(String what, Runnable use) {
    try {
      use.run();
      System.out.println(what + " was allowed");
    } catch (SluiceException e) {
      System.out.println(what + " refused: " + e.code().id());
    }
  }
}
