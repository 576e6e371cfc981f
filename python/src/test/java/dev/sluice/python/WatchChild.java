package dev.sluice.python;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntSupplier;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** The programs that {@link WatchTest} starts in processes of their own. */
final class WatchChild {
  private WatchChild() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("waits")) {
      waits();
      return;
    }
    try (Recording recording = new Recording()) {
      if (arguments[0].equals("record")) {
        recording.enable("dev.sluice.AttachWait").withThreshold(Duration.ofMillis(10));
        recording.enable("dev.sluice.Attached").withThreshold(Duration.ofMillis(10));
        recording.enable("dev.sluice.Crossings");
        recording.enable("dev.sluice.DeferredReferences");
        recording.start();
      }
      try (Python python = Python.open(TestedPython.options())) {
        switch (arguments[0]) {
          case "stall" -> stall(python);
          case "record" -> {
            call(python);
            stall(python);
          }
          case "drain" -> drain(python);
          default -> throw new IllegalArgumentException(arguments[0]);
        }
      }
      if (arguments[0].equals("record")) {
        recording.stop();
        print(recording);
      }
    }
  }

  /** One thread keeps the GIL and waits, while another already waits for it in native code. */
  private static void stall(Python python) throws InterruptedException {
    Interpreter main = python.main();
    Thread waiter = Python.newThread("waiter", () -> main.attach().close());
    try (Attached py = main.attach()) {
      waiter.start();
      while (main.states().all().stream().noneMatch(ThreadState::isWaiting)) {
        Thread.onSpinWait();
      }
      Thread.sleep(1800);
    }
    waiter.join();
  }

  /** Waits of several kinds, in a recording as it is by default that begins after Python. */
  private static void waits() throws Exception {
    try (Python python = Python.open(TestedPython.options());
        Recording recording = new Recording()) {
      recording.start();
      awaitRegistered("dev.sluice.AttachWait");
      Interpreter main = python.main();
      waitFor(main, "attaches", () -> main.attach().close(), 60);
      waitFor(main, "tries", () -> main.tryAttach(Duration.ofMillis(30)), 60);
      waitFor(main, "hardly", () -> main.attach().close(), 2);
      CountDownLatch detached = new CountDownLatch(1);
      CountDownLatch taken = new CountDownLatch(1);
      Thread back =
          Python.newThread(
              "back",
              () -> {
                try (Attached py = main.attach()) {
                  py.detached(() -> {
                    detached.countDown();
                    return awaited(taken);
                  });
                }
              });
      back.start();
      detached.await();
      try (Attached py = main.attach()) {
        taken.countDown();
        Thread.sleep(60);
      }
      back.join();
      recording.stop();
      printWaits(recording);
    }
  }

  /** The watch registers what is recorded; a wait that begins before would be cut short by it. */
  private static void awaitRegistered(String event) throws InterruptedException {
    while (FlightRecorder.getFlightRecorder().getEventTypes().stream()
        .noneMatch(type -> type.getName().equals(event))) {
      Thread.sleep(10);
    }
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Keeps the GIL for so many milliseconds while another thread runs a task that wants it. */
  private static void waitFor(Interpreter main, String name, Runnable task, int millis)
      throws InterruptedException {
    Thread waiter = Python.newThread(name, task);
    try (Attached py = main.attach()) {
      waiter.start();
      while (main.states().all().stream().noneMatch(ThreadState::isWaiting)) {
        Thread.onSpinWait();
      }
      Thread.sleep(millis);
    }
    waiter.join();
  }

  private static void printWaits(Recording recording) throws Exception {
    Path file = Files.createTempFile("sluice", ".jfr");
    try {
      recording.dump(file);
      for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
        if (event.getEventType().getName().equals("dev.sluice.AttachWait")) {
          System.out.println(
              "%s waited, %s, %s"
                  .formatted(
                      event.getThread().getJavaName(),
                      event.getBoolean("taken") ? "in time" : "in vain",
                      event.getDuration().toMillis() >= 10 ? "for long" : "shortly"));
        }
      }
    } finally {
      Files.delete(file);
    }
  }

  /** Objects that are dropped go although nobody attaches any more. */
  private static void drain(Python python) throws InterruptedException {
    List<PyObject> objects = new ArrayList<>();
    try (Attached py = python.main().attach()) {
      for (int i = 0; i < 1000; i++) {
        objects.add(py.eval("object()"));
      }
    }
    objects.forEach(PyObject::close);
    long end = System.nanoTime() + 20_000_000_000L;
    while (python.main().droppedCount() > 0 && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    System.out.println("left " + python.main().droppedCount());
    for (int i = 0; i < 20; i++) {
      Thread thread = Python.newThread("short", () -> python.main().attach().close());
      thread.start();
      thread.join();
    }
    while (python.main().states().all().size() > 10 && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    System.out.println("swept " + (python.main().states().all().size() <= 10));
  }

  /** Crosses the boundary 100 times each way, besides what that takes. */
  private static void call(Python python) {
    try (Attached py = python.main().attach()) {
      py.module("counted").function("java", IntSupplier.class, () -> 1);
      PyFunction python100 = py.eval("lambda f: sum(f() for _ in range(100))").function();
      PyFunction nothing = py.eval("lambda: None").function();
      for (int i = 0; i < 100; i++) {
        nothing.run();
      }
      python100.run(py.importModule("counted").attr("java"));
    }
  }

  private static void print(Recording recording) throws Exception {
    Path file = Files.createTempFile("sluice", ".jfr");
    try {
      recording.dump(file);
      long intoPython = 0;
      long intoJava = 0;
      for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
        if (event.getEventType().getName().equals("dev.sluice.Crossings")) {
          intoPython += event.getLong("callsIntoPython");
          intoJava += event.getLong("callsIntoJava");
        }
        if (event.getEventType().getName().startsWith("dev.sluice.")) {
          System.out.println(
              event.getEventType().getName()
                  + " of "
                  + event.getString("interpreter")
                  + " on "
                  + event.getThread().getJavaName());
        }
      }
      System.out.println("into Python " + (intoPython >= 101 && intoPython < 200));
      System.out.println("into Java " + (intoJava >= 100 && intoJava < 110));
    } finally {
      Files.delete(file);
    }
  }
}
