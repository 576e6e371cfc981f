package dev.sluice.python;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** The programs that {@link RecursionTest} starts in processes of their own. */
public final class RecursionChild {
  private static final String PROGRAM =
      """
      import sys, threading, _thread

      def through_java(n):
          return call(through_java, n)

      def through_sort(n):
          items = [2, 1]
          items.sort(key=through_sort)

      def through_both(n):
          return sorted([2, 1], key=lambda x: call(through_both, n))

      def through_repr(n):
          class Nested:
              def __repr__(self):
                  return repr([self])
          return repr(Nested())

      def java_at_the_end(n):
          try:
              items = [2, 1]
              items.sort(key=java_at_the_end)
          except RecursionError:
              try:
                  call(str, n)
              except RecursionError:
                  pass
              raise

      def through_java_alone(n):
          return endless()

      def java_far_down(n):
          return deep(through_sort)

      def python_at_each_level(n):
          return level(abs)

      def python_alone(n):
          return n if n == 3000 else python_alone(n + 1)

      def top(name):
          try:
              return str(globals()[name](0))
          except RecursionError as e:
              return 'RecursionError'
          except BaseException as e:
              return f'{type(e)}: {e}'[:200]

      def on_thread(name):
          result = []
          thread = threading.Thread(target=lambda: result.append(top(name)))
          thread.start()
          thread.join()
          return result[0]

      def on_raw_thread(name):
          result = []
          done = threading.Event()
          def run():
              result.append(top(name))
              done.set()
          _thread.start_new_thread(run, ())
          done.wait()
          return result[0]

      def on_small_thread(name):
          before = threading.stack_size(64 * 1024)
          try:
              return on_thread(name)
          finally:
              threading.stack_size(before)
      """;

  /** Each crossing of an exception costs as much as its traceback is long. */
  private static final List<String> SLOW = List.of("through_java", "through_both");

  private static final List<String> FAST =
      List.of(
          "through_sort",
          "through_repr",
          "java_at_the_end",
          "through_java_alone",
          "java_far_down",
          "python_at_each_level");

  private RecursionChild() {}

  /** A function of Java's that Python calls. */
  public interface Call {
    @Nullable Object call(PyObject function, @Nullable Object argument);
  }

  /** One that only calls itself. */
  public interface Endless {
    int endless();
  }

  /** One that calls Python. */
  public interface Level {
    long level(PyObject function);
  }

  /** The limit to set, or nothing; what to try: slow, fast or one way. */
  public static void main(String[] arguments) throws Exception {
    Python python = Python.open(TestedPython.options());
    String limit = arguments[0];
    List<String> ways =
        switch (arguments[1]) {
          case "slow" -> SLOW;
          case "fast" -> FAST;
          case String way -> List.of(way);
        };
    // What is compiled takes less of a stack, so that it gets further.
    for (int round = 0; round < Integer.getInteger("rounds", 1); round++) {
      run(python.main(), limit, ways);
    }
    if (!ways.equals(SLOW)) {
      try (Interpreter other = python.newInterpreter(InterpreterOptions.sharedGil())) {
        run(other, limit, ways);
      }
    }
    System.out.println(python.shutdown(Duration.ofSeconds(10)));
  }

  private static void run(Interpreter interpreter, String limit, List<String> ways)
      throws InterruptedException {
    try (Attached py = interpreter.attach()) {
      py.module("__main__")
          .function("call", Call.class, RecursionChild::call)
          .function("endless", Endless.class, RecursionChild::endless)
          .function("level", Level.class, RecursionChild::level)
          .function("deep", Level.class, function -> deep(function, 1));
      py.exec(PROGRAM);
      if (!limit.isEmpty()) {
        py.exec("import warnings; warnings.simplefilter('ignore')");
        py.exec("sys.setrecursionlimit(" + limit + ")");
      }
    }
    boolean beside = !interpreter.name().equals("0");
    for (String way : ways) {
      say("main", way, interpreter.submitToMain(py -> top(py, "top", way)));
      say("256 KiB", way, on(interpreter, 256, way));
      say("Python's", way, interpreter.submit(py -> top(py, "on_thread", way)));
      if (!SLOW.contains(way)) {
        say("1024 KiB", way, on(interpreter, 1024, way));
        say("worker", way, interpreter.submit(py -> top(py, "top", way)));
        say("Python's small", way, interpreter.submit(py -> top(py, "on_small_thread", way)));
        if (!beside) {
          // Nobody waits for those at the end of an interpreter.
          say("Python's raw", way, interpreter.submit(py -> top(py, "on_raw_thread", way)));
        }
      }
    }
  }

  private static void say(String thread, String way, Future<String> result)
      throws InterruptedException {
    String text;
    try {
      text = result.get();
    } catch (ExecutionException e) {
      text = String.valueOf(e.getCause());
    }
    System.out.printf("%s on %s: %s%n", way, thread, text);
  }

  private static String top(Attached py, String function, String way) {
    return py.eval("%s('%s')".formatted(function, way)).as(String.class);
  }

  private static Future<String> on(Interpreter interpreter, int kilobytes, String way) {
    FutureTask<String> task =
        new FutureTask<>(() -> {
          try (Attached py = interpreter.attach()) {
            return top(py, "top", way);
          }
        });
    new Thread(null, task, "small", kilobytes * 1024L).start();
    return task;
  }

  private static @Nullable Object call(PyObject function, @Nullable Object argument) {
    try (Attached py = function.interpreter().attach();
        PyObject result = function.call(argument)) {
      return result.as(Object.class);
    }
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int endless() {
    return endless() + 1;
  }

  /** Java alone as far down as it gets, and Python from about there. */
  @SuppressWarnings("InfiniteRecursion")
  private static long deep(PyObject function, int levels) {
    try {
      return deep(function, levels + 1) + 1;
    } catch (StackOverflowError e) {
      if (levels % 500 != 0) {
        throw e;
      }
      try (Attached py = function.interpreter().attach()) {
        function.call(0).close();
      }
      return 0;
    }
  }

  @SuppressWarnings("InfiniteRecursion")
  private static long level(PyObject function) {
    try (Attached py = function.interpreter().attach()) {
      function.call(1).close();
    }
    return level(function) + 1;
  }
}
