package dev.sluice.python;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** The programs that {@link WatchTest} starts in processes of their own. */
final class WatchChild {
  private WatchChild() {}

  public static void main(String[] arguments) throws Exception {
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
          case "stall", "record" -> stall(python);
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
  }

  private static void print(Recording recording) throws Exception {
    Path file = Files.createTempFile("sluice", ".jfr");
    try {
      recording.dump(file);
      for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
        if (event.getEventType().getName().startsWith("dev.sluice.")) {
          System.out.println(
              event.getEventType().getName()
                  + " of "
                  + event.getString("interpreter")
                  + " on "
                  + event.getThread().getJavaName());
        }
      }
    } finally {
      Files.delete(file);
    }
  }
}
