package dev.sluice.guard.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bridge.Loop;
import dev.sluice.bridge.LoopOptions;
import dev.sluice.guard.OnePython;
import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.Python;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Loops that stand still, each in a way of its own. */
@Timeout(60)
class LoopWatchTest {
  private static final Duration SHORT = Duration.ofMillis(100);

  private final Interpreter main = OnePython.PYTHON.main();
  private final Loop loop = Loop.start(main, LoopOptions.of());
  private final BlockingQueue<Stall> stalls = new LinkedBlockingQueue<>();
  private final LoopWatch watch = new LoopWatch(SHORT, stalls::add, () -> {});

  @AfterEach
  void close() {
    watch.close();
    loop.close();
  }

  private void onLoop(String statement, Object... arguments) throws Exception {
    try (Attached py = main.attach()) {
      py.exec(
          """
          import asyncio, threading, time

          def ticks():
              asyncio.get_running_loop().call_later(0.002, ticks)

          def stands_still(what, ask=None):
              if what == "ticks":
                  ticks()
              elif what == "sleeps":
                  time.sleep(0.5)
              elif what == "computes":
                  end = time.monotonic() + 0.5
                  while time.monotonic() < end:
                      pass
              elif what == "calls":
                  ask.get()
              else:
                  time.sleep(0)
          """);
      PyObject function = py.eval("stands_still");
      Object[] all = new Object[arguments.length + 1];
      all[0] = statement;
      System.arraycopy(arguments, 0, all, 1, arguments.length);
      loop.call(function, all);
    }
  }

  private Stall next() throws InterruptedException {
    Stall stall = stalls.poll(20, TimeUnit.SECONDS);
    assertThat(stall).isNotNull();
    return stall;
  }

  private Stall over() throws InterruptedException {
    Stall stall = next();
    while (!stall.over()) {
      stall = next();
    }
    return stall;
  }

  @Test
  void oneThatIsBlocked() throws Exception {
    onLoop("sleeps");
    Stall begins = next();
    assertThat(begins.over()).isFalse();
    assertThat(begins.kind()).isEqualTo(Stall.Kind.BLOCKED);
    assertThat(begins.loop()).isEqualTo(loop.thread().getName());
    assertThat(begins.stack()).anySatisfy(line -> assertThat(line).contains("in stands_still"));
    Stall over = over();
    assertThat(over.kind()).isEqualTo(Stall.Kind.BLOCKED);
    assertThat(Duration.ofNanos(over.nanos()))
        .isBetween(Duration.ofMillis(450), Duration.ofSeconds(5));
  }

  @Test
  void oneThatComputes() throws Exception {
    onLoop("computes");
    Stall over = over();
    assertThat(over.kind()).isEqualTo(Stall.Kind.COMPUTING);
    assertThat(over.stack()).anySatisfy(line -> assertThat(line).contains("in stands_still"));
  }

  @Test
  void oneThatIsInJava() throws Exception {
    Supplier<Object> sleeps =
        () -> {
          try {
            Thread.sleep(500);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return null;
        };
    onLoop("calls", sleeps);
    Stall over = over();
    assertThat(over.kind()).isEqualTo(Stall.Kind.IN_JAVA);
    assertThat(over.stack())
        .anySatisfy(line -> assertThat(line).contains("java.lang.Thread.sleep"))
        .anySatisfy(line -> assertThat(line).contains("in stands_still"));
  }

  /** Another thread keeps the GIL in code of C. */
  @Test
  void oneThatIsStarved() throws Exception {
    Thread keeper =
        Python.newThread(
            "keeper",
            () -> {
              try (Attached py = main.attach()) {
                py.eval("sum(range(60_000_000))").close();
              }
            });
    onLoop("ticks"); // or the loop would not want the GIL meanwhile
    keeper.start();
    keeper.join();
    Stall over = over();
    while (over.kind() != Stall.Kind.STARVED) {
      over = over(); // on a busy machine it may stand still before, too
    }
    assertThat(over.holder()).first().asString().contains("keeper");
  }

  @Test
  void oneThatOnlyWaitsForEventsDoesNotStandStill() throws Exception {
    onLoop("wakes");
    List<Stall> none = List.of();
    assertThat(stalls.poll(500, TimeUnit.MILLISECONDS)).isNull();
    assertThat(List.copyOf(stalls)).isEqualTo(none);
  }
}
