package dev.sluice.cli;

import dev.sluice.python.Python;
import dev.sluice.python.SluiceException;
import dev.sluice.server.Server;
import dev.sluice.server.reload.SourceWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code serve --reload}: has sluice-main load the application again when its sources have changed,
 * which the thread sluice-reload notices; where that cannot be done in this process, a new one
 * takes its place.
 */
record Reloading(
    Stop stop,
    Python python,
    Server server,
    Path folder,
    Duration drain,
    @Nullable HandOver handOver) {
  private static final Duration EVERY = Duration.ofMillis(300);

  /** Looks at the sources before they are loaded; null if they are not to be loaded again. */
  static @Nullable SourceWatch look(boolean reload, Path folder) {
    return reload ? new SourceWatch(folder, EVERY) : null;
  }

  void begin(SourceWatch watch) {
    watch.start(changed -> stop.post(() -> reload(changed)));
  }

  private void reload(Path changed) {
    Logger log = LoggerFactory.getLogger(Reloading.class);
    String obstacle = "";
    try {
      obstacle = server.reload(python);
      if (obstacle.isEmpty()) {
        log.info("{} has changed: the application was loaded again", folder.relativize(changed));
      }
    } catch (SluiceException e) {
      log.error(
          "{} has changed, and cannot be loaded; what was loaded before is served on: {}",
          folder.relativize(changed),
          e.getMessage());
    } catch (RuntimeException e) {
      log.error("the application could not be loaded again: {}", e.toString());
    }
    if (!obstacle.isEmpty()) {
      replace(log, changed, obstacle);
    }
  }

  private void replace(Logger log, Path changed, String obstacle) {
    Path file = folder.relativize(changed);
    try {
      String problem = handOver == null ? "" : handOver.check(python, stop);
      boolean held = HandOver.isHeld(problem);
      if (stop.hasMore()) {
        return; // What the sources were when they were looked at does not matter any more.
      }
      if (!problem.isEmpty() && !held) {
        log.error(
            "{} has changed, and cannot be loaded; what was loaded before is served on: {}",
            file,
            problem);
        return;
      }
      if (handOver != null) {
        String blindly = held ? " without a trial, for which a port was in use" : "";
        log.info("{} has changed, and {}: a new process takes over{}", file, obstacle, blindly);
        handOver.go(python, server, stop, drain);
      }
      if (!stop.isAsked()) {
        // Still here.
        log.warn("{} has changed, but {}. Restart the server to see it.", file, obstacle);
      }
    } catch (IOException e) {
      log.error("{} has changed, but no new process can be started: {}", file, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
