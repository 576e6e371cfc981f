package dev.sluice.python;

import dev.sluice.python.capi.LifecycleApi;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What {@code host.py} calls, in the process of a Python that was there first. */
final class RunningChild {
  private static @Nullable Python opened;

  private RunningChild() {}

  private static Python python() {
    return Objects.requireNonNull(opened);
  }

  private static void say(Object text) {
    System.out.println(text);
  }

  static void open() {
    opened = Python.open(PythonOptions.running().withCloseLimit(Duration.ofSeconds(5)));
  }

  static void close() {
    say(python().shutdown(Duration.ofSeconds(5)));
    say(refused(() -> python().main().attach()));
  }

  /** The whole: this thread, eight others, calls in both directions, and the end. */
  static void everything() throws InterruptedException {
    open();
    say(python().installation().describe());
    both("of the main thread");
    List<Thread> threads = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(8);
    for (int i = 0; i < 8; i++) {
      threads.add(
          Python.newThread(
              "caller-" + i,
              () -> {
                both("");
                done.countDown();
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    say("others " + (8 - done.getCount()));
    say(python().main().submit(py -> py.eval("6 * 7").as(Integer.class)).join());
    try (Attached py = python().main().attach()) {
      say("states " + py.eval("states()"));
      PyObject kept = py.eval("kept");
      kept.callMethod("append", new CountDownLatch(2)).close();
      py.module("of_java").function("answer", Supplier.class, () -> 42);
      py.exec("import of_java, sluice.java; kept.append(of_java.answer)");
      say(py.eval("kept[0].getCount() + of_java.answer()"));
      say(py.eval("[refused(os.fork)[:20], sluice.java.type('java.lang.Math').max(1, 2)]"));
    }
    close();
  }

  /** Python and Java call each other on this thread, whose thread state stays the one it had. */
  private static void both(String local) {
    for (int i = 0; i < 100; i++) {
      try (Attached py = python().main().attach()) {
        PyObject add = py.eval("lambda f, x: f.applyAsInt(x) + 1");
        IntUnaryOperator twice = x -> 2 * x;
        int result = add.call(twice, i).as(Integer.class);
        String found = py.eval("getattr(local, 'name', '')").as(String.class);
        String same =
            py.eval("called_back() if state() == own or not local.__dict__ else 'another'")
                .as(String.class);
        if (result != 2 * i + 1 || !found.equals(local) || !same.equals("called back")) {
          say("wrong: " + result + " " + found + " " + same);
        }
      }
    }
  }

  static void attach() {
    try (Attached py = python().main().attach()) {
      py.exec("local.name = threading.current_thread().name");
    }
    try (Attached py = python().main().attach()) {
      say("own " + py.eval("local.name == threading.current_thread().name"));
    }
  }

  /** Opened, used and closed by a thread that holds the GIL all the time. */
  static void keeping_gil() {
    opened = Python.openHere(PythonOptions.running());
    both("of the main thread");
    try (Attached py = python().main().attach()) {
      Thread other = Python.newThread("other", () -> both(""));
      other.start();
      py.detached(() -> {
        try {
          other.join();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        return true;
      });
    }
    close();
  }

  /** Java is called by Python that Java has called, without Sluice's knowing. */
  static void nested() {
    open();
    try (Attached py = python().main().attach()) {
      PyObject kept = py.eval("[1]");
      inner =
          () -> {
            say(refused(kept::repr));
            say(refused(() -> py.eval("1")));
            // Would wait for a GIL that nobody holds if this thread were taken for its holder.
            say(
                CompletableFuture.supplyAsync(
                        () -> {
                          try (Attached other = python().main().attach()) {
                            return other.eval("'other'").as(String.class);
                          }
                        },
                        task -> Python.newThread("other", task).start())
                    .join());
            say(python().main().submit(other -> other.eval("'submitted'").as(String.class)).join());
            both("of the main thread");
            try (Attached again = python().main().attach()) {
              say(kept.repr());
            }
          };
      py.exec("jvm.call('runInner')");
      say(kept.repr());
      inner =
          () -> {
            say(kept.repr());
            both("of the main thread");
          };
      py.exec("jvm.call('runInner', keeps_gil=True)");
      py.exec(
          "thread = threading.Thread(target=in_jvm_thread, args=('attach',));"
              + " thread.start(); thread.join()");
    }
    close();
  }

  private static Runnable inner = () -> {};

  static void runInner() {
    inner.run();
  }

  /** Python ends without having closed anything. */
  static void left_open() throws InterruptedException {
    open();
    Thread other =
        Python.newThread(
            "other",
            () -> {
              try {
                for (; ; ) {
                  both("");
                }
              } catch (SluiceException e) {
                say(e.code());
              }
            });
    other.start();
    try (Attached py = python().main().attach()) {
      py.eval("kept").callMethod("append", new CountDownLatch(1)).close();
      py.exec("import atexit; atexit.register(lambda: say('atexit', kept[0].getCount()))");
    }
    Thread.sleep(50);
  }

  /** Closed while a thread sleeps in Python. */
  static void stuck() throws InterruptedException {
    open();
    CountDownLatch inside = new CountDownLatch(1);
    Thread sleeper =
        Python.newThread(
            "sleeper",
            () -> {
              try (Attached py = python().main().attach()) {
                inside.countDown();
                py.exec("time.sleep(1.5)");
              }
              say("awake");
              try {
                python().main().attach();
              } catch (SluiceException e) {
                say(e.code());
              }
              AWAKE.countDown();
            });
    sleeper.setDaemon(true);
    sleeper.start();
    inside.await();
    say(python().shutdown(Duration.ofMillis(500)));
    AWAKE.await();
  }

  private static final CountDownLatch AWAKE = new CountDownLatch(1);

  static void main_thread() {
    open();
    say("at once " + python().main().submitToMain(py -> isMain(py)).join());
    Thread other =
        new Thread(() ->
            python()
                .main()
                .submitToMain(py -> {
                  say("later " + isMain(py));
                  py.exec("signal.signal(signal.SIGUSR1, lambda *_: say('handled'))");
                  return true;
                }));
    other.start();
  }

  private static String isMain(Attached py) {
    return py.eval("threading.current_thread() is threading.main_thread()").toString();
  }

  static void interrupt() {
    python().interruptMain();
  }

  static void interpreters() {
    open();
    for (int i = 0; i < 3; i++) {
      List<InterpreterOptions> kinds = new ArrayList<>(List.of(InterpreterOptions.sharedGil()));
      if (LifecycleApi.minorVersion() >= 13) {
        kinds.add(InterpreterOptions.ownGil());
      }
      for (InterpreterOptions kind : kinds) {
        try (Interpreter beside = python().newInterpreter(kind)) {
          try (Attached py = beside.attach()) {
            py.exec("import sys; x = 1");
            both("of the main thread");
            say(py.eval("x"));
          }
          both("of the main thread");
          say(beside.submit(py -> py.eval("x").as(Integer.class)).join());
        }
      }
    }
    both("of the main thread");
    close();
  }

  /** Recursion through both languages on the stack of a thread of Python's. */
  static void deep() {
    if (opened == null) {
      open();
    }
    try (Attached py = python().main().attach()) {
      UnaryOperator<Object> call =
          function -> {
            try (Attached inner = python().main().attach()) {
              return ((PyObject) function).call();
            }
          };
      py.module("deep_java").function("call", UnaryOperator.class, call);
      py.exec(
          """
          import deep_java
          def through():
              return sorted([1], key=lambda _: deep_java.call(through))
          """);
      say(py.eval("refused(through).partition(':')[0]"));
    }
  }

  /** A task that nobody runs any more. */
  static void pending() {
    open();
    CompletableFuture<Integer> task =
        CompletableFuture.supplyAsync(() -> python().main().submitToMain(py -> 1)).join();
    say("ran at once: " + task.isDone());
    close();
    say(task.exceptionNow());
  }

  static void refusals() {
    say(refused(PythonOptions.embedded()));
    say(refused(PythonOptions.of(Path.of(System.getProperty("test.executable")))));
    open();
    say(refused(PythonOptions.running()));
    close();
    say(refused(PythonOptions.running()));
  }

  static void threading_missing() {
    say(refused(PythonOptions.running()));
  }

  private static String refused(PythonOptions options) {
    return refused(() -> Python.open(options));
  }

  private static String refused(Supplier<?> use) {
    try {
      return "allowed: " + use.get();
    } catch (SluiceException e) {
      return e.code().id() + " " + e.getMessage();
    }
  }

  /** Without a Python around it. */
  public static void main(String[] arguments) {
    try {
      say(PythonOptions.running());
    } catch (SluiceException e) {
      say(e.code().id() + " " + e.getMessage());
    }
  }
}
