package dev.sluice.guard.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bridge.Loop;
import dev.sluice.bridge.LoopOptions;
import dev.sluice.guard.Guards;
import dev.sluice.guard.OnePython;
import dev.sluice.guard.Sighting;
import dev.sluice.guard.Sightings;
import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import example.Napper;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What looks at loops while a guard is installed; on the one Python that this JVM can open. */
@Timeout(60)
class WatchingTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Interpreter main = OnePython.PYTHON.main();
  private final Loop loop = Loop.start(main, LoopOptions.of());

  @BeforeEach
  void install() {
    Sightings.OF_PROCESS.clear();
    Stalls.OF_PROCESS.clear();
    try (Attached py = main.attach()) {
      py.exec("import time, sluice.guard\nsluice.guard.install('report')");
      py.exec(
          "def calls(it): it.get()\ndef sleeps(): time.sleep(0.3)\ndef naps(): time.sleep(0.01)");
    }
  }

  @AfterEach
  void uninstall() {
    try (Attached py = main.attach()) {
      py.exec("sluice.guard.uninstall()");
    }
    Guards.OF_PROCESS
        .sites()
        .keySet()
        .forEach(site -> Guards.OF_PROCESS.setSite(site, null, LIMIT));
    loop.close();
  }

  private void onLoop(String function, Object... arguments) throws Exception {
    try (Attached py = main.attach()) {
      PyObject called = py.eval(function); // stays open until the loop has called it
      loop.call(called, arguments);
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("the end of the wait").isLessThan(end);
      Thread.sleep(10);
    }
  }

  private static Optional<Sighting> seen(String call, String place) {
    return Sightings.OF_PROCESS.all().stream()
        .filter(each -> each.call().equals(call) && each.site().contains(place))
        .findFirst();
  }

  private static long count(String call, String place) {
    return seen(call, place).map(Sighting::count).orElse(0L);
  }

  private static Object rests() {
    Napper.nap(20);
    return "rested";
  }

  private void napOnLoop() throws Exception {
    Supplier<Object> rests = WatchingTest::rests;
    onLoop("calls", rests);
  }

  @Test
  void javaCodeThatBlocksALoopIsSeen() throws Exception {
    // Flight Recorder begins to look some time after the first call.
    while (seen("java.lang.Thread.sleep", "Napper").isEmpty()) {
      napOnLoop();
      Thread.sleep(200);
    }
    Sighting sighting = seen("java.lang.Thread.sleep", "Napper").orElseThrow();
    assertThat(sighting.category()).isEqualTo("java");
    assertThat(sighting.site()).matches("Napper\\.java:\\d+ in example\\.Napper\\.nap");
    assertThat(sighting.loop()).contains(loop.thread().getName());
    assertThat(sighting.longest()).isGreaterThan(15_000_000);

    long before = count("java.lang.Thread.sleep", "Napper.nap");
    Napper.napElsewhere(20); // on a thread without a loop
    long made = System.nanoTime();
    napOnLoop();
    await(() -> count("java.lang.Thread.sleep", "Napper.nap") > before);
    System.out.printf(
        "Java code that blocked a loop was reported %d ms after it was called.%n",
        (System.nanoTime() - made) / 1_000_000);
    assertThat(Sightings.OF_PROCESS.all())
        .noneMatch(each -> each.chain().stream().anyMatch(line -> line.contains("napElsewhere")));
  }

  @Test
  void aStallIsKeptWithItsStackAndTold() throws Exception {
    onLoop("sleeps");
    await(() -> sleeping().anyMatch(Stall::over));
    Stall stall = sleeping().findFirst().orElseThrow();
    assertThat(stall.stack()).noneMatch(line -> line.contains("_guard_"));
    assertThat(Stalls.OF_PROCESS.count()).isPositive();
    try (Attached py = main.attach()) {
      assertThat(py.eval("str(sluice.guard.report()['stalls'])").as(String.class))
          .contains("'kind': 'blocked'", "in sleeps");
      assertThat(py.eval("sluice.guard.report()['stall_count']").as(Long.class)).isPositive();
    }
  }

  /** On a busy machine others may come between. */
  private static Stream<Stall> sleeping() {
    return Stalls.OF_PROCESS.last().stream()
        .map(Stalls.Numbered::stall)
        .filter(stall -> stall.place().contains("in sleeps"));
  }

  @Test
  void aLoopThatEndsWhileItStandsStillGoesOnNoMore() throws Exception {
    Loop ending = Loop.start(main, LoopOptions.of());
    try (Attached py = main.attach()) {
      py.exec(
          """
          import asyncio
          def sleeps_and_stops():
              asyncio.get_running_loop().stop()
              time.sleep(0.5)
          """);
      PyObject called = py.eval("sleeps_and_stops");
      ending.call(called);
    }
    await(() ->
        Stalls.OF_PROCESS.last().stream()
            .map(Stalls.Numbered::stall)
            .anyMatch(stall -> stall.place().contains("in sleeps_and_stops")));
    ending.close();
    await(() ->
        Stalls.OF_PROCESS.last().stream()
            .map(Stalls.Numbered::stall)
            .filter(stall -> stall.place().contains("in sleeps_and_stops"))
            .allMatch(Stall::over));
  }

  @Test
  void aSiteThatIsSetFromOutsideIsNotCountedAnyMore() throws Exception {
    onLoop("naps");
    await(() -> count("time.sleep", "in naps") == 1);
    String site = "time.sleep at " + seen("time.sleep", "in naps").orElseThrow().site();
    assertThat(Guards.OF_PROCESS.setSite(site, "off", LIMIT)).isEmpty();
    onLoop("naps");
    onLoop("sleeps");
    await(() -> count("time.sleep", "in sleeps") == 1);
    assertThat(count("time.sleep", "in naps")).isEqualTo(1);
    // A guard that comes later is told, too.
    try (Attached py = main.attach()) {
      py.exec("sluice.guard.uninstall()");
      py.exec("import sluice._guard_policy as p\np._by_site.clear()\np.changed()");
      py.exec("sluice.guard.install('report')");
    }
    onLoop("naps");
    onLoop("sleeps");
    await(() -> count("time.sleep", "in sleeps") == 2);
    assertThat(count("time.sleep", "in naps")).isEqualTo(1);
    Guards.OF_PROCESS.setSite(site, null, LIMIT);
    onLoop("naps");
    await(() -> count("time.sleep", "in naps") == 2);
  }

  @Test
  void flightRecorderIsTold() throws Exception {
    var names = new ConcurrentLinkedQueue<String>();
    try (RecordingStream stream = new RecordingStream()) {
      stream.enable("dev.sluice.BlockingCall");
      stream.enable("dev.sluice.LoopStall");
      stream.onEvent(
          "dev.sluice.BlockingCall", event -> names.add("call " + event.getString("call")));
      stream.onEvent(
          "dev.sluice.LoopStall", event -> names.add("stall " + event.getString("kind")));
      stream.startAsync();
      // It begins to look some time after its start.
      while (!names.containsAll(List.of("call time.sleep", "stall BLOCKED"))) {
        onLoop("sleeps");
        Thread.sleep(500);
      }
    }
  }

  @Test
  void itEndsWithTheLastGuard() throws Exception {
    napOnLoop();
    await(() -> isAlive("sluice-watch") && isAlive("sluice-watch-java"));
    try (Attached py = main.attach()) {
      py.exec("sluice.guard.uninstall()");
    }
    Watching.awaitEnd(Duration.ofSeconds(20));
    await(() -> !isAlive("sluice-watch") && !isAlive("sluice-watch-java"));
  }

  private static boolean isAlive(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(each -> each.getName().equals(name));
  }
}
