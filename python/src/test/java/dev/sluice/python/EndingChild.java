package dev.sluice.python;

import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ObjectApi;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** The programs that {@link EndingTest} starts in processes of their own. */
final class EndingChild {
  private static final CountDownLatch INSIDE = new CountDownLatch(1);

  private EndingChild() {}

  public static void main(String[] arguments) throws Exception {
    Python python = Python.open(TestedPython.options());
    switch (arguments[0]) {
      case "c-call" -> start(python, "import re; ready(); re.match('(a+)+$', 'a' * 80 + 'b')");
      case "sleep" -> start(python, "import time; ready(); time.sleep(600)");
      case "callback" -> start(python, "ready(); wait()");
      case "holding" -> start(python, "ready(); hold()");
      case "python-thread" ->
          start(
              python,
              "import threading, time; threading.Thread(name='endless', daemon=False,"
                  + " target=time.sleep, args=(600,)).start(); ready()");
      case "python-callback" ->
          start(
              python,
              "import threading; threading.Thread(name='endless', daemon=True,"
                  + " target=lambda: (ready(), wait())).start()");
      case "dump" -> dump(python);
      case "nobody" -> INSIDE.countDown();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    INSIDE.await();
    long begun = System.nanoTime();
    CloseReport report = python.shutdown(Duration.ofSeconds(2));
    long took = System.nanoTime() - begun;
    System.out.println(report);
    System.out.println(took < 3_000_000_000L ? "in time" : "late: " + took);
    System.out.println(
        python.shutdown(Duration.ofSeconds(1)).finalised() == report.finalised()
            ? "the same again"
            : "another report");
    python.close();
  }

  /** Runs Python code on a thread of its own, which may call ready(), wait() and hold(). */
  private static void start(Python python, String code) {
    try (Attached py = python.main().attach()) {
      PyObject main = py.importModule("__main__");
      main.setAttr("ready", function(py, "ready", INSIDE::countDown));
      main.setAttr("wait", function(py, "wait", () -> py(python).detached(EndingChild::never)));
      main.setAttr("hold", function(py, "hold", EndingChild::never));
      py.exec("import atexit; atexit.register(print, 'atexit ran', flush=True)");
    }
    Thread thread =
        Python.newThread(
            "inside",
            () -> {
              try (Attached py = python.main().attach()) {
                py.exec(code);
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private static Attached py(Python python) {
    return python.main().attachedInCallback();
  }

  private static PyObject function(Attached py, String name, Runnable body) {
    return py.own(
        Callbacks.define(
                name,
                name + "()",
                (self, arguments, count, names) -> {
                  body.run();
                  ObjectApi.incRef(ObjectApi.NONE);
                  return ObjectApi.NONE;
                })
            .bind(0));
  }

  private static int never() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  private static void dump(Python python) throws InterruptedException {
    start(python, "def waits_in_java():\n    ready(); wait()\nwaits_in_java()");
    INSIDE.await();
    String dump;
    do {
      dump = python.threadDump();
    } while (!dump.contains("never"));
    System.out.println(dump);
  }
}
