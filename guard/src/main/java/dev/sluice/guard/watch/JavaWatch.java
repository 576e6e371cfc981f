package dev.sluice.guard.watch;

import dev.sluice.bridge.LoopSpans;
import dev.sluice.guard.Guards;
import dev.sluice.guard.Sighting;
import dev.sluice.guard.Sightings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import jdk.jfr.FlightRecorder;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code sluice-watch-java}: has Flight Recorder tell it, within two seconds, what Java
 * code did on the threads of loops that kept them waiting: it slept, parked, waited for a monitor,
 * a socket or a file. It begins once there is Java code that Python could have called, as starting
 * Flight Recorder takes half a second of a processor; it cannot refuse anything.
 */
final class JavaWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JavaWatch.class);

  /** What takes less than this is not told. */
  private static final Duration THRESHOLD = Duration.ofMillis(1);

  private static final long LOOK_EVERY_MILLIS = 20;
  private static final long KEPT_BYTES = 4 << 20;

  /** What the events are called, for code that the JDK's frames do not name. */
  private static final Map<String, String> CALLS =
      Map.of(
          "jdk.ThreadSleep", "java.lang.Thread.sleep",
          "jdk.ThreadPark", "java.util.concurrent.locks.LockSupport.park",
          "jdk.JavaMonitorWait", "java.lang.Object.wait",
          "jdk.JavaMonitorEnter", "synchronized",
          "jdk.SocketRead", "java.net.Socket.read",
          "jdk.SocketWrite", "java.net.Socket.write",
          "jdk.FileRead", "java.io.FileInputStream.read",
          "jdk.FileWrite", "java.io.FileOutputStream.write",
          "jdk.FileForce", "java.nio.channels.FileChannel.force");

  private final CountDownLatch closed = new CountDownLatch(1);
  private final BooleanSupplier needed;
  private final Thread thread;
  private volatile @Nullable RecordingStream running;

  JavaWatch(BooleanSupplier needed) {
    this.needed = needed;
    thread = new Thread(this::run, "sluice-watch-java");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      while (!needed.getAsBoolean()) {
        if (closed.await(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
      boolean alone = !FlightRecorder.isInitialized();
      try (RecordingStream stream = new RecordingStream()) {
        running = stream;
        CALLS
            .keySet()
            .forEach(name -> stream.enable(name).withThreshold(THRESHOLD).withStackTrace());
        CALLS.keySet().forEach(name -> stream.onEvent(name, JavaWatch::see));
        stream.setMaxSize(KEPT_BYTES);
        if (closed.getCount() > 0) {
          stream.start(); // until it is closed; what it tells is told here
        }
      }
      if (alone) {
        removeFiles(System.getProperty("jdk.jfr.repository"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | LinkageError e) {
      LOG.warn("Flight Recorder is not to be had; Java code that blocks a loop is not seen", e);
    }
  }

  /** The recorder removes its files at the JVM's end, but not where that is cut short. */
  private static void removeFiles(@Nullable String repository) {
    if (repository == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(Path.of(repository))) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("the files of Flight Recorder stay in {}", repository, e);
    }
  }

  private static void see(RecordedEvent event) {
    RecordedThread on = event.getThread();
    if (on == null || event.getStackTrace() == null) {
      return;
    }
    Optional<String> loop =
        LoopSpans.loopAt(on.getJavaThreadId(), event.getStartTime())
            .or(() -> LoopSpans.loopAt(on.getJavaThreadId(), event.getEndTime()));
    if (loop.isEmpty()) {
      return;
    }
    String name = event.getEventType().getName();
    Optional<JavaPlace> place =
        JavaPlace.of(event.getStackTrace().getFrames(), CALLS.getOrDefault(name, name));
    place.ifPresent(at -> see(at, loop.get(), event));
  }

  private static void see(JavaPlace at, String loop, RecordedEvent event) {
    if (Guards.OF_PROCESS.policyOf(at.call() + " at " + at.site()).orElse("").equals("off")) {
      return;
    }
    long nanos = event.getDuration().toNanos();
    Sighting seen =
        new Sighting(
            at.call(),
            "java",
            at.site(),
            "the loop of thread '" + loop + "'",
            "report",
            1,
            nanos,
            nanos,
            at.chain(),
            event.getEndTime());
    if (Sightings.OF_PROCESS.add(seen) == 1) {
      List<String> chain = at.chain();
      LOG.warn(
          "{} has blocked {} for {} ms, in Java code that cannot be refused. It was called at {}{}."
              + " Further calls from there are only counted: sluice.guard.report()",
          at.call(),
          seen.loop(),
          "%.3f".formatted(nanos / 1e6),
          at.site(),
          chain.size() > 1
              ? " (by " + String.join(", ", chain.subList(1, chain.size())) + ")"
              : "");
    }
  }

  /**
   * Has it end, which takes some 20 ms where there is a stream, and does not wait for its files.
   */
  @Override
  public void close() {
    closed.countDown();
    RecordingStream stream = running;
    if (stream != null) {
      stream.close();
    }
  }

  void await(Duration limit) throws InterruptedException {
    thread.join(limit);
  }
}
