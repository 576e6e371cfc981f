package dev.sluice.python;

import dev.sluice.python.CloseReport.Holder;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The programs that {@link ClosingTest} starts in processes of their own. */
final class ClosingChild {
  private static final Duration ENOUGH = Duration.ofSeconds(10);

  private ClosingChild() {}

  public static void main(String[] arguments) throws Exception {
    Thread main = Python.newThread("child-main", () -> run(arguments[0]));
    main.start();
    main.join();
  }

  private static void run(String program) {
    PythonOptions options = TestedPython.options().withStallLimit(Duration.ofSeconds(5));
    boolean here = program.startsWith("here");
    Python python = here ? Python.openHere(options) : Python.open(options);
    try {
      switch (program) {
        case "dump-after" -> dumpAfter(python);
        case "dump-meanwhile" -> dumpMeanwhile(python);
        case "impatient" -> impatient(python);
        case "knocking" -> knocking(python);
        case "making" -> making(python);
        case "main" -> closeMain(python);
        case "inside" -> inside(python);
        case "callback" -> callback(python);
        case "here" -> here(python);
        case "here-stuck" -> hereStuck(python);
        case "stuck" -> stuck(python);
        case "late" -> late(python, 50);
        case "late-forever" -> late(python, 600_000);
        default -> throw new IllegalArgumentException(program);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    System.out.println("over");
  }

  private static void daemon(String name, Runnable task) {
    Thread thread = Python.newThread(name, task);
    thread.setDaemon(true);
    thread.start();
  }

  /** Gives CPython something to do at its end. */
  private static void fill(Python python) {
    try (Attached py = python.main().attach()) {
      py.exec("import json, asyncio, decimal; x = [object() for _ in range(300_000)]");
    }
  }

  private static void dumpAfter(Python python) {
    fill(python);
    System.out.println(python.shutdown(ENOUGH).finalised());
    for (int i = 0; i < 5; i++) {
      System.out.println(python.threadDump());
    }
    python.interruptMain();
  }

  private static void dumpMeanwhile(Python python) throws InterruptedException {
    AtomicInteger dumps = new AtomicInteger();
    for (int i = 0; i < 2; i++) {
      daemon(
          "dumper",
          () -> {
            for (; ; ) {
              python.threadDump();
              dumps.incrementAndGet();
            }
          });
    }
    fill(python);
    System.out.println(python.shutdown(ENOUGH).finalised());
    int now = dumps.get();
    while (dumps.get() < now + 10) {
      Thread.sleep(1);
    }
  }

  /** Callers that do not wait for the end ask who is inside, while it goes on. */
  private static void impatient(Python python) throws InterruptedException {
    fill(python);
    CloseReport report = python.shutdown(Duration.ofMillis(5));
    for (int i = 0; i < 5000 && !report.finalised(); i++) {
      report = python.shutdown(Duration.ofMillis(1));
    }
    System.out.println(report.finalised());
  }

  /** Threads that are refused try again and again. */
  private static void knocking(Python python) throws InterruptedException {
    int left = 0;
    for (int round = 0; round < 20; round++) {
      Interpreter other = python.newInterpreter(InterpreterOptions.sharedGil());
      CountDownLatch ready = new CountDownLatch(4);
      CountDownLatch over = new CountDownLatch(1);
      for (int i = 0; i < 4; i++) {
        daemon(
            "knocks",
            () -> {
              other.attach().close();
              ready.countDown();
              while (over.getCount() > 0) {
                try {
                  other.attach().close();
                } catch (SluiceException closed) {
                  Thread.onSpinWait();
                }
              }
            });
      }
      ready.await();
      if (!other.shutdown(ENOUGH).finalised()) {
        left++;
      }
      over.countDown();
    }
    System.out.println("left " + left);
    System.out.println(python.shutdown(ENOUGH).finalised());
  }

  /** Interpreters are made until that is refused. */
  private static void making(Python python) throws InterruptedException {
    CountDownLatch ready = new CountDownLatch(6);
    CountDownLatch refused = new CountDownLatch(3);
    for (int i = 0; i < 3; i++) {
      daemon(
          "maker",
          () -> {
            try {
              for (; ; ) {
                python.newInterpreter(InterpreterOptions.sharedGil());
                ready.countDown();
              }
            } catch (SluiceException e) {
              System.out.println(e.code());
              refused.countDown();
            }
          });
    }
    ready.await();
    System.out.println(python.shutdown(Duration.ofSeconds(30)).finalised());
    refused.await();
    System.out.println(python.interpreters().size());
  }

  private static void closeMain(Python python) {
    Interpreter other = python.newInterpreter(InterpreterOptions.sharedGil());
    python.main().close();
    System.out.println(other.isClosed());
    python.close();
    System.out.println(python.main().shutdown(ENOUGH));
  }

  /** Whoever would wait for itself is refused, and nothing has been ended. */
  private static void inside(Python python) {
    Interpreter first = python.newInterpreter(InterpreterOptions.sharedGil());
    Interpreter second = python.newInterpreter(InterpreterOptions.sharedGil());
    for (Interpreter scope : new Interpreter[] {python.main(), first, second}) {
      try (Attached py = scope.attach()) {
        refused(python);
        System.out.println(py.eval("1 + 1"));
      }
    }
    System.out.println(python.interpreters().size());
    System.out.println(python.shutdown(ENOUGH));
  }

  private static void refused(Python python) {
    System.out.println(refusal(python.main()));
  }

  /** How closing goes: the report, or why it is refused. */
  private static Object refusal(Interpreter interpreter) {
    try {
      return interpreter.shutdown(ENOUGH);
    } catch (SluiceException e) {
      return e.code();
    }
  }

  /** Java code that Python has called closes what Python is to go on in. */
  private static void callback(Python python) {
    Interpreter main = python.main();
    Interpreter sub = python.newInterpreter(InterpreterOptions.sharedGil());
    Interpreter sibling = python.newInterpreter(InterpreterOptions.sharedGil());
    Supplier<String> close = () -> refusal(main) + " " + python.interpreters().size();
    try (Attached py = main.attach()) {
      py.module("java_side")
          .function("shutdown", Supplier.class, close)
          .function("count", Supplier.class, () -> python.interpreters().size())
          .function("close", Runnable.class, (Runnable) python::close)
          .function("close_main", Runnable.class, (Runnable) main::close);
      py.exec(
          """
          import atexit, java_side, threading
          def code(close):
              try:
                  close()
                  return 'went wrong'
              except Exception as e:
                  return f'{e.code()} {java_side.count()}'
          print('main', java_side.shutdown())
          print('main', code(java_side.close))
          print('main', code(java_side.close_main), flush=True)
          """);
    }
    try (Attached py = sub.attach()) {
      py.module("java_side")
          .function(
              "shutdown",
              Supplier.class,
              () ->
                  "%s main %s sibling %s"
                      .formatted(
                          refusal(sub),
                          refusal(main),
                          sibling.shutdown(ENOUGH).finalised() ? "finalised" : "went wrong"));
      py.exec("import java_side; print('sub', java_side.shutdown(), 2, flush=True)");
    }
    try (Attached py = main.attach()) {
      System.out.println("detached " + py.detached(close));
      py.exec(
          """
          thread = threading.Thread(target=lambda: print('python-thread', java_side.shutdown()))
          thread.start()
          thread.join()
          atexit.register(lambda: print('atexit', java_side.shutdown().split()[0], flush=True))
          """);
    }
    System.out.println(python.shutdown(ENOUGH));
  }

  private static void here(Python python) throws InterruptedException {
    python.newInterpreter(InterpreterOptions.sharedGil());
    Thread other =
        Python.newThread(
            "other",
            () -> {
              refused(python);
              refused(python);
            });
    other.start();
    other.join();
    System.out.println(python.interpreters().size());
    Thread.currentThread().interrupt();
    System.out.println(python.shutdown(ENOUGH));
    System.out.println(Thread.interrupted());
    Thread late = Python.newThread("late", () -> refused(python));
    late.start();
    late.join();
  }

  /** A thread of Python's own keeps the GIL, where closing has no thread that could wait for it. */
  private static void hereStuck(Python python) throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    try (Attached py = python.main().attach()) {
      py.module("__main__").function("ready", Runnable.class, (Runnable) inside::countDown);
      py.exec(
          """
          import re, threading
          def keeps():
              ready()
              re.match('(a+)+$', 'a' * 80 + 'b')
          threading.Thread(target=keeps, daemon=True).start()
          """);
    }
    inside.await();
    Thread.sleep(200);
    for (int i = 0; i < 2; i++) {
      long begun = System.nanoTime();
      CloseReport report = python.shutdown(Duration.ofSeconds(1));
      boolean inTime = System.nanoTime() - begun < 3_000_000_000L;
      System.out.println(report.finalised() + " " + inTime + " " + report.holders());
    }
  }

  /** The GIL is kept for ever, so that nobody can read stacks; each dump tries. */
  private static void stuck(Python python) throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    daemon(
        "keeps",
        () -> {
          try (Attached py = python.main().attach()) {
            py.module("__main__").function("ready", Runnable.class, (Runnable) inside::countDown);
            py.exec("import re; ready(); re.match('(a+)+$', 'a' * 80 + 'b')");
          }
        });
    inside.await();
    for (int i = 0; i < 5; i++) {
      python.threadDump();
    }
    System.out.println(
        "readers "
            + Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("sluice-stacks"))
                .count());
    for (int i = 0; i < 2; i++) {
      for (Holder holder : python.shutdown(Duration.ofSeconds(1)).holders()) {
        System.out.println("holder " + holder.thread());
      }
    }
  }

  /** A daemon thread of Python's own comes to Java when nobody is waited for any more. */
  private static void late(Python python, long millis) {
    CountDownLatch first = new CountDownLatch(1);
    Runnable nap =
        () -> {
          first.countDown();
          try {
            Thread.sleep(millis);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    try (Attached py = python.main().attach()) {
      py.module("__main__").function("nap", Runnable.class, nap);
      py.exec(
          """
          import atexit, threading
          ending = threading.Event()
          # What a daemon prints while CPython ends may abort it: it waits for no such lock then.
          threading.excepthook = lambda args: None
          def late():
              ending.wait()
              while True:
                  nap()
          threading.Thread(target=late, name='late', daemon=True).start()
          def at_exit():
              import time
              ending.set()
              time.sleep(0.1)
          atexit.register(at_exit)
          """);
    }
    CloseReport report = python.shutdown(Duration.ofSeconds(4));
    System.out.println(report);
    System.out.println("was in Java " + (first.getCount() == 0));
    boolean inJava =
        Thread.getAllStackTraces().values().stream()
            .flatMap(java.util.Arrays::stream)
            .anyMatch(frame ->
                frame.getClassName().equals(ClosingChild.class.getName())
                    && frame.getMethodName().startsWith("lambda$late"));
    System.out.println("is in Java " + inJava);
  }
}
