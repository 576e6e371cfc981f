package dev.sluice.python;

import dev.sluice.python.capi.ThreadApi;
import dev.sluice.python.capi.TrippedSignals;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;

/** The programs that {@link SignalsTest} starts in processes of their own. */
final class SignalsChild {
  private SignalsChild() {}

  public static void main(String[] arguments) throws Exception {
    Python python = Python.open(TestedPython.options());
    Interpreter main = python.main();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook ran")));
    switch (arguments[0]) {
      case "handlers" -> {
        try (Attached py = main.attach()) {
          py.exec(
              """
              import signal, faulthandler
              names = ('INT', 'TERM', 'HUP', 'SEGV', 'PIPE', 'QUIT')
              print([signal.getsignal(getattr(signal, 'SIG' + name)) for name in names],
                    faulthandler.is_enabled(), flush=True)
              """);
        }
      }
      case "signal" -> {
        try (Attached py = main.attach()) {
          py.exec("import os, signal\nos.kill(os.getpid(), signal.SIG" + arguments[1] + ")");
          py.exec("while True: pass");
        }
      }
      case "own" -> {
        main.submitToMain(
                py -> {
                  py.exec(
                      """
                      import os, signal
                      handled = []
                      def handle(number, frame):
                          handled.append(number)
                          print('handled', flush=True)
                      signal.signal(signal.SIGUSR1, handle)
                      """);
                  return 0;
                })
            .join();
        try (Attached py = main.attach()) {
          py.exec("os.kill(os.getpid(), signal.SIGUSR1)");
        }
        System.out.println("sent");
        main.submitToMain(
                py -> {
                  py.exec("while not handled: pass");
                  return 0;
                })
            .join();
      }
      case "interrupt" -> {
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<Integer> task =
            main.submitToMain(py -> {
              py.exec("import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)");
              running.countDown();
              py.exec("while True: pass");
              return 0;
            });
        running.await();
        python.interruptMain();
        try {
          task.join();
        } catch (CompletionException e) {
          System.out.println(e.getMessage());
        }
      }
      case "wait-in-java" -> waitInJava(python);
      case "tripped" -> tripped(main);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    python.close();
  }

  /** The main thread waits in Java code that Python has called, then in a task's own. */
  private static void waitInJava(Python python) throws InterruptedException {
    BlockingQueue<CountDownLatch> inside = new SynchronousQueue<>();
    Callable<Object> never =
        () -> {
          CountDownLatch latch = new CountDownLatch(1);
          inside.put(latch);
          latch.await();
          return 0;
        };
    CompletableFuture<String> task =
        python
            .main()
            .submitToMain(py -> {
              py.module("java_side").function("never", Callable.class, never);
              py.exec(
                  """
                  import java_side, signal
                  signal.signal(signal.SIGINT, signal.default_int_handler)
                  caught = []
                  for _ in range(3):
                      try:
                          java_side.never()
                      except KeyboardInterrupt as e:
                          caught.append(type(e.__context__).__name__)
                  """);
              System.out.println(py.eval("caught") + " " + Thread.currentThread().isInterrupted());
              try {
                py.detached(() -> {
                  try {
                    return never.call();
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                });
              } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
              }
              py.exec("for _ in range(100): pass"); // sees the signal
              return "not interrupted";
            });
    for (int i = 0; i < 4; i++) {
      inside.take();
      python.interruptMain();
    }
    try {
      System.out.println(task.join());
    } catch (CompletionException e) {
      System.out.println("then " + e.getMessage());
    }
  }

  /** A signal is noted until the main thread has run its handler. */
  private static void tripped(Interpreter main) {
    int signal = 10;
    long handler =
        main.submitToMain(
                py -> {
                  py.exec(
                      """
                      import _signal
                      def handle(number, frame): pass
                      _signal.signal(10, handle)
                      """);
                  return py.eval("handle").address();
                })
            .join();
    TrippedSignals signals = TrippedSignals.find(signal, handler).orElseThrow();
    System.out.println(signals.isTripped(signal));
    ThreadApi.setInterrupt(signal);
    System.out.println(signals.isTripped(signal) + " " + signals.isTripped(2));
    main.submitToMain(py -> py.eval("[handle for _ in range(100)]").repr()).join();
    System.out.println(signals.isTripped(signal));
  }
}
