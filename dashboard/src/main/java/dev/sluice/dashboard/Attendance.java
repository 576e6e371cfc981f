package dev.sluice.dashboard;

import dev.sluice.guard.Guards;
import dev.sluice.python.Interpreter;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers, only while somebody looks at the page, what has to be asked for: the thread {@code
 * sluice-page} attaches to each interpreter for a moment once a second; {@code sluice-page-gil}
 * looks at the GILs twenty times a second, without them.
 */
final class Attendance implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Attendance.class);

  /** Nobody looks any more when nothing was asked for so long. */
  private static final long ABSENT_NANOS = TimeUnit.SECONDS.toNanos(3);

  private static final long ASK_EVERY_MILLIS = 1000;
  private static final Duration ATTACH_LIMIT = Duration.ofMillis(500);

  private final CountDownLatch closed = new CountDownLatch(1);
  private final GilTimes gil = new GilTimes();
  private final Map<String, String> facts = new ConcurrentHashMap<>();
  private volatile long lastAsked = System.nanoTime() - ABSENT_NANOS;

  /** Begins. */
  static Attendance start() {
    Attendance made = new Attendance();
    made.every(ASK_EVERY_MILLIS, "sluice-page", made::ask);
    made.every(GilTimes.EVERY_MILLIS, "sluice-page-gil", made::look);
    return made;
  }

  private Attendance() {}

  private void every(long millis, String name, Runnable task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (!closed.await(millis, TimeUnit.MILLISECONDS)) {
                  try {
                    task.run();
                  } catch (RuntimeException e) {
                    LOG.debug("the page could not be told everything", e);
                  }
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  private boolean isSeen() {
    return System.nanoTime() - lastAsked < ABSENT_NANOS;
  }

  private void ask() {
    Guards.OF_PROCESS.tellLate(ATTACH_LIMIT);
    if (!isSeen()) {
      return;
    }
    var known = Guards.OF_PROCESS.interpreters();
    facts.keySet().removeIf(name -> known.stream().noneMatch(each -> each.name().equals(name)));
    for (Interpreter each : known) {
      Guards.OF_PROCESS.facts(each, ATTACH_LIMIT).ifPresent(text -> facts.put(each.name(), text));
    }
  }

  private void look() {
    if (isSeen()) {
      gil.look(Guards.OF_PROCESS.interpreters());
    } else {
      gil.forget();
    }
  }

  /** Somebody looks at the page; any thread. */
  void seen() {
    lastAsked = System.nanoTime();
  }

  GilTimes gil() {
    return gil;
  }

  /** What interpreters know, by their names; as of the last time that they could be asked. */
  Map<String, Object> facts() {
    Map<String, Object> all = new TreeMap<>();
    facts.forEach((name, text) -> all.put(name, new Json.Raw(text)));
    return all;
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
