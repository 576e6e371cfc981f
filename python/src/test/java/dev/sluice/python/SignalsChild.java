package dev.sluice.python;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;

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
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    python.close();
  }
}
