package dev.sluice.python;

import dev.sluice.python.capi.LifecycleApi;
import dev.sluice.python.capi.ObjectApi;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The programs that {@link InterpreterTest} starts in processes of their own. */
final class InterpreterChild {
  private InterpreterChild() {}

  public static void main(String[] arguments) throws Exception {
    Python python = Python.open(TestedPython.options());
    switch (arguments[0]) {
      case "isolation" -> isolation(python);
      case "objects" -> objects(python);
      case "dumps" -> dumps(python);
      case "many" -> many(python);
      case "storm" -> storm(python);
      case "daemon" -> daemon(python);
      case "main-thread" -> mainThread(python);
      case "collected" -> collected(python);
      case "outlived" -> outlived(python);
      case "in-a-scope" -> inAScope(python);
      case "left-open" -> leftOpen(python);
      case "java" -> java(python);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    System.out.println(python.shutdown(Duration.ofSeconds(10)));
  }

  private static List<InterpreterOptions> kinds() {
    return LifecycleApi.minorVersion() < 13
        ? List.of(InterpreterOptions.sharedGil())
        : List.of(InterpreterOptions.sharedGil(), InterpreterOptions.ownGil());
  }

  /** Modules and globals are apart; sys knows what it knows in the main interpreter. */
  private static void isolation(Python python) {
    try (Attached py = python.main().attach()) {
      py.exec("import sys; x = 'main'");
    }
    for (InterpreterOptions kind : kinds()) {
      try (Interpreter other = python.newInterpreter(kind);
          Attached py = other.attach()) {
        py.exec("import sys, json, threading; x = 'other'");
        System.out.println(py.eval("json.dumps([x, sys.executable == '', sys.argv])"));
        try (Attached inner = python.main().attach()) {
          System.out.println(inner.eval("x"));
        }
        System.out.println(py.eval("x"));
        py.close();
        System.out.println(other.submit(own -> own.eval("x").as(String.class)).join());
        System.out.println(other.shutdown(Duration.ofSeconds(5)).finalised());
      }
    }
    try {
      Interpreter own = python.newInterpreter(InterpreterOptions.ownGil());
      System.out.println("made " + own.name());
      own.close();
    } catch (SluiceException e) {
      System.out.println(e.code());
    }
  }

  /** An object may be used with its own interpreter only. */
  private static void objects(Python python) {
    Interpreter other = python.newInterpreter(InterpreterOptions.sharedGil());
    PyObject object;
    try (Attached py = other.attach()) {
      object = py.eval("[1]");
    }
    try (Attached py = python.main().attach()) {
      try {
        py.importModule("json").callMethod("dumps", object);
        System.out.println("allowed");
      } catch (SluiceException e) {
        System.out.println(e.code());
      }
    }
    object.close();
    other.close();
    try {
      other.attach();
      System.out.println("allowed");
    } catch (SluiceException e) {
      System.out.println(e.code());
    }
  }

  /** Many are opened and closed, one after the other and at once. */
  private static void many(Python python) throws InterruptedException {
    AtomicInteger ended = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Thread thread =
          new Thread(() -> {
            for (int i = 0; i < 10; i++) {
              Interpreter other = python.newInterpreter(kinds().get(i % kinds().size()));
              try (Attached py = other.attach()) {
                py.exec("import json; x = json.loads('[1, 2]')");
                py.eval("x");
              }
              if (other.shutdown(Duration.ofSeconds(20)).finalised()) {
                ended.incrementAndGet();
              }
            }
          });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    System.out.println("ended " + ended.get());
  }

  /** Threads call in while interpreters are closed under them. */
  private static void storm(Python python) throws InterruptedException {
    AtomicBoolean failed = new AtomicBoolean();
    int ended = 0;
    for (int round = 0; round < 10; round++) {
      Interpreter other = python.newInterpreter(kinds().get(round % kinds().size()));
      CountDownLatch started = new CountDownLatch(16);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        threads.add(Python.newThread("caller-" + i, () -> call(other, started, failed)));
      }
      threads.forEach(Thread::start);
      started.await();
      if (other.shutdown(Duration.ofSeconds(20)).finalised()) {
        ended++;
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    System.out.println(failed.get() ? "failed" : "all refused, ended " + ended);
  }

  private static void call(Interpreter other, CountDownLatch started, AtomicBoolean failed) {
    boolean first = true;
    try {
      for (; ; ) {
        try (Attached py = other.attach()) {
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

  /** A daemon thread keeps a shared-GIL interpreter from being ended, and so CPython. */
  private static void daemon(Python python) {
    Interpreter other = python.newInterpreter(InterpreterOptions.sharedGil());
    try (Attached py = other.attach()) {
      py.exec(
          "import threading, time; threading.Thread(target=time.sleep, args=(600,),"
              + " daemon=True).start()");
    }
    System.out.println(other.shutdown(Duration.ofSeconds(5)));
  }

  /** Signals may be handled on the main thread only, which other threads reach. */
  private static void mainThread(Python python) {
    String code = "__import__('signal').signal(10, lambda *args: None)";
    System.out.println(
        python.main().submitToMain(py -> py.eval(code + " is not None").as(Boolean.class)).join());
    try (Attached py = python.main().attach()) {
      py.eval(code);
      System.out.println("allowed");
    } catch (PythonException e) {
      System.out.println(e.getMessage());
    }
  }

  /** What needs the GIL on another thread gets it from whoever waits for that in a scope. */
  private static void inAScope(Python python) {
    Interpreter main = python.main();
    try (Attached py = main.attach()) {
      py.exec("x = 5");
      System.out.println(main.submitToMain(own -> own.eval("x").as(Integer.class)).join());
      for (InterpreterOptions kind : kinds()) {
        Interpreter other = python.newInterpreter(kind);
        System.out.println(py.eval("x + 1"));
        System.out.println(other.shutdown(Duration.ofSeconds(10)).finalised());
      }
      System.out.println(py.eval("x + 2"));
    }
    python.close();
    try {
      main.submitToMain(own -> 1);
      System.out.println("allowed");
    } catch (SluiceException e) {
      System.out.println(e.code());
    }
  }

  /** Java objects stand in each interpreter, and go with it. */
  private static void java(Python python) {
    StringBuilder ran = new StringBuilder();
    Runnable ofMain;
    try (Attached py = python.main().attach()) {
      py.module("main_only").function("run", Runnable.class, () -> ran.append('.'));
      ofMain = py.eval("__import__('main_only').run").as(Runnable.class);
    }
    for (InterpreterOptions kind : kinds()) {
      for (int i = 0; i < 5; i++) {
        try (Interpreter other = python.newInterpreter(kind)) {
          AtomicInteger built = new AtomicInteger();
          try (Attached py = other.attach()) {
            // The proxy stands for an object of the other interpreter, so that it is Java's here.
            py.module("built").value("number", built).value("of_main", ofMain);
            py.exec("import built; built.number.addAndGet(7); built.of_main()");
            py.exec(
                """
                from sluice import java
                try:
                    java.type('java.util.ArrayList')().get(3)
                except java.type('java.lang.IndexOutOfBoundsException') as e:
                    built.number.addAndGet(100 if e.getMessage() else 1)
                """);
          }
          System.out.println(built);
          System.out.println(other.shutdown(Duration.ofSeconds(10)).finalised());
        }
      }
    }
    System.out.println(ran.length() == 5 * kinds().size());
  }

  /** What has ended is garbage, but for the last one, which a thread may still know. */
  private static void collected(Python python) throws InterruptedException {
    List<WeakReference<Interpreter>> ended = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Interpreter other = python.newInterpreter(kinds().get(i % kinds().size()));
      try (Attached py = other.attach()) {
        py.exec(
            """
            import sluice.java
            made = sluice.java.type('java.util.ArrayList')()
            made.add(sluice.java.type('java.lang.Thread')())
            for name in dir(made):
                getattr(made, name)
            """);
      }
      if (other.shutdown(Duration.ofSeconds(10)).finalised()) {
        ended.add(new WeakReference<>(other));
      }
    }
    long left = ended.size();
    for (int i = 0; i < 100 && left > 1; i++) {
      System.gc();
      Thread.sleep(20);
      left = ended.stream().filter(reference -> reference.get() != null).count();
    }
    System.out.println("ended " + ended.size() + (left > 1 ? ", left " + left : ", collected"));
  }

  /** An object of Java's outlives its interpreter, as in a static variable of an extension. */
  private static void outlived(Python python) {
    Interpreter other = python.newInterpreter(InterpreterOptions.sharedGil());
    long address;
    try (Attached py = other.attach();
        PyObject object = py.toPython(new AtomicInteger())) {
      address = object.address();
      ObjectApi.incRef(address);
    }
    ExposedObjects exposed = other.exposed();
    System.out.println(other.shutdown(Duration.ofSeconds(10)).finalised());
    System.out.println("left " + exposed.size());
    try (Attached py = python.main().attach()) {
      ObjectApi.decRef(address);
      System.out.println(py.eval("'freed'") + " " + exposed.size());
    }
  }

  /** Interpreters that nobody closed end with Python, and so do Python's threads in them. */
  private static void leftOpen(Python python) {
    for (InterpreterOptions kind : kinds()) {
      try (Attached py = python.newInterpreter(kind).attach()) {
        py.exec(
            "import threading, time, atexit; atexit.register(print, 'atexit ran', flush=True);"
                + " threading.Thread(target=time.sleep, args=(0.3,), daemon=False).start()");
      }
    }
    System.out.println(python.interpreters().size());
  }

  /** Reads all stacks again and again, while interpreters with GILs of their own run beside. */
  private static void dumps(Python python) {
    boolean owned = LifecycleApi.minorVersion() >= 13;
    AtomicBoolean done = new AtomicBoolean();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Interpreter interpreter =
          python.newInterpreter(
              owned ? InterpreterOptions.ownGil() : InterpreterOptions.sharedGil());
      for (int k = 0; k < 2; k++) {
        threads.add(
            Python.newThread("busy-" + interpreter.name(), () -> recurse(interpreter, done)));
      }
    }
    threads.forEach(Thread::start);
    int frames = 0;
    long start = System.nanoTime();
    while (threads.stream().anyMatch(Thread::isAlive)) {
      // On a busy machine it may take its time until a dump finds one of them at work.
      long seconds = (System.nanoTime() - start) / 1_000_000_000;
      done.set((seconds >= 3 && frames > 0) || seconds >= 60);
      String thread = "";
      for (String line : python.threadDump().lines().toList()) {
        if (line.startsWith("  \"")) {
          thread = line;
        } else if (thread.contains("busy-") && line.contains("in in_")) {
          frames++;
          String name = thread.replaceAll(".*busy-(\\d+).*", "$1");
          if (!line.contains("in in_" + name)) {
            System.out.println("in the wrong place: " + line + " of " + thread);
          }
        }
      }
    }
    System.out.println(frames > 0 ? "seen" : "nothing seen");
  }

  private static void recurse(Interpreter interpreter, AtomicBoolean done) {
    try (Attached py = interpreter.attach()) {
      while (!done.get()) {
        py.exec(
            """
            import time
            def in_NAME(n): return 0 if n == 0 else in_NAME(n - 1) + 1
            end = time.monotonic() + 0.3
            while time.monotonic() < end: in_NAME(50)
            """
                .replace("NAME", interpreter.name()));
      }
    }
  }
}
