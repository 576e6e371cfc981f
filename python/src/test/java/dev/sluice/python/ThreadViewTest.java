package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.python.ThreadView.Doing;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a thread does, seen by others without the GIL. */
@Timeout(60)
class ThreadViewTest {
  private static final String SOURCE =
      """
      import time

      def outer(tell, what):
          tell.get()
          inner(what)

      def inner(what):
          if what == "sleeps":
              time.sleep(0.5)
          elif what == "computes":
              end = time.monotonic() + 0.5
              while time.monotonic() < end:
                  pass
          elif what == "calls":
              end = time.monotonic() + 2
              while time.monotonic() < end:
                  [deep(depth) for depth in range(40)]
          else:
              sum(range(60_000_000))

      def deep(depth):
          return depth and max(map(deep, [depth - 1, 0]))
      """;

  /** A thread that runs it, with a view of it, at work. */
  private static final class Watched implements AutoCloseable {
    final CompletableFuture<ThreadView> view = new CompletableFuture<>();
    private final Thread thread;

    Watched(String what) {
      Supplier<Object> tell =
          () -> {
            try (Attached py = EmbeddedPython.main().attach()) {
              view.complete(ThreadView.of(py));
            }
            return null;
          };
      thread =
          Python.newThread(
              "watched",
              () -> {
                try (Attached py = EmbeddedPython.main().attach();
                    PyObject module = py.importModule("types").callMethod("ModuleType", "watched");
                    PyObject namespace = module.attr("__dict__")) {
                  py.importModule("builtins").callMethod("exec", SOURCE, namespace).close();
                  module.callMethod("outer", tell, what).close();
                }
              });
      thread.start();
    }

    /** What it was seen to do, as long as it ran. */
    Doing awaitDoing(Doing wanted) {
      ThreadView seen = view.join();
      Doing doing = seen.doing();
      while (doing != wanted && thread.isAlive()) {
        doing = seen.doing();
      }
      return doing;
    }

    /** What it was seen to run, once it has come so far. */
    List<String> awaitFunctions() {
      List<String> seen = List.of();
      while (!seen.contains("inner") && thread.isAlive()) {
        seen = functions(view.join().frames());
      }
      return seen;
    }

    @Override
    public void close() throws InterruptedException {
      thread.join();
    }
  }

  private static List<String> functions(List<StackTraceElement> frames) {
    return frames.stream().map(StackTraceElement::getMethodName).toList();
  }

  @Test
  void oneThatSleepsInCodeOfC() throws Exception {
    try (Watched watched = new Watched("sleeps")) {
      assertThat(watched.awaitDoing(Doing.WAITS_ELSEWHERE)).isEqualTo(Doing.WAITS_ELSEWHERE);
      assumeTrue(ThreadView.seesFrames());
      List<StackTraceElement> frames = watched.view.join().frames();
      assertThat(functions(frames)).containsExactly("inner", "outer");
      assertThat(frames).extracting(StackTraceElement::getLineNumber).containsExactly(9, 5);
    }
  }

  @Test
  void oneThatHasTheGilIsReadWithoutIt() throws Exception {
    for (String what : List.of("computes", "computes in C")) {
      try (Watched watched = new Watched(what)) {
        assertThat(watched.awaitDoing(Doing.HAS_GIL)).as(what).isEqualTo(Doing.HAS_GIL);
        assumeTrue(ThreadView.seesFrames());
        assertThat(watched.awaitFunctions()).as(what).endsWith("inner", "outer");
      }
    }
  }

  /** Frames come and go while they are read: whatever is told has been there. */
  @Test
  void oneThatCallsAndReturnsAllTheTime() throws Exception {
    try (Watched watched = new Watched("calls")) {
      ThreadView view = watched.view.join();
      assumeTrue(ThreadView.seesFrames());
      int seen = 0;
      while (watched.thread.isAlive()) {
        List<StackTraceElement> frames = view.frames();
        assertThat(functions(frames))
            .isSubsetOf("deep", "inner", "outer", "inner.<locals>.<listcomp>");
        assertThat(frames).allSatisfy(it -> assertThat(it.getLineNumber()).isBetween(1, 25));
        seen += frames.isEmpty() ? 0 : 1;
      }
      assertThat(seen).isGreaterThan(10);
    }
  }

  @Test
  void oneThatWaitsForTheGilAndWhoHasIt() throws Exception {
    CompletableFuture<ThreadView> view = new CompletableFuture<>();
    CountDownLatch goesOn = new CountDownLatch(1);
    Thread waiter =
        Python.newThread(
            "waiter",
            () -> {
              try (Attached py = EmbeddedPython.main().attach();
                  PyObject eval = py.eval("lambda tell: tell.get()")) {
                Supplier<Object> tell =
                    () -> {
                      try (Attached inner = EmbeddedPython.main().attach()) {
                        view.complete(ThreadView.of(inner));
                        return inner.detached(() -> waits(goesOn));
                      }
                    };
                eval.call(tell).close();
              }
            });
    waiter.start();
    ThreadView waiting = view.join();
    try (Watched keeper = new Watched("computes in C")) {
      keeper.awaitDoing(Doing.HAS_GIL);
      assertThat(waiting.doing()).isEqualTo(Doing.IN_JAVA);
      goesOn.countDown();
      while (waiting.doing() == Doing.IN_JAVA) {
        Thread.onSpinWait();
      }
      assertThat(waiting.doing()).isEqualTo(Doing.WAITS_FOR_GIL);
      ThreadView.Holder holder = waiting.holder().orElseThrow();
      assertThat(holder.name()).contains("watched");
      if (ThreadView.seesFrames()) {
        assertThat(functions(holder.frames())).endsWith("outer");
      }
    }
    waiter.join();
  }

  private static boolean waits(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
