package dev.sluice.python;

import dev.sluice.python.References.Counted;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the references were made that nobody closed, for the leak test mode ({@code
 * -Dsluice.leaks=true}); any thread.
 */
final class Leaks {
  private static final Logger LOG = LoggerFactory.getLogger(Leaks.class);
  private static final int DEEPEST = 32;

  /** Frames of these say nothing about who made an object. */
  private static final Set<String> OWN =
      Set.of(
          References.class.getName(),
          Leaks.class.getName(),
          Interpreter.class.getName(),
          PyObject.class.getName(),
          PyFunction.class.getName(),
          PyBuffer.class.getName(),
          SharedMemory.class.getName(),
          Items.class.getName(),
          Conversions.class.getName(),
          Attached.class.getName());

  private final Map<Counted, Site> live = new ConcurrentHashMap<>();
  private final Map<Site, Long> collected = new ConcurrentHashMap<>();

  /** A stack, compared by its frames. */
  private record Site(List<StackTraceElement> frames) {}

  static boolean enabled() {
    return Boolean.getBoolean("sluice.leaks");
  }

  void made(Counted counted) {
    StackTraceElement[] frames = Thread.currentThread().getStackTrace();
    int first = 1;
    while (first < frames.length && OWN.contains(frames[first].getClassName())) {
      first++;
    }
    int end = Math.min(frames.length, first + DEEPEST);
    live.put(counted, new Site(List.copyOf(Arrays.asList(frames).subList(first, end))));
  }

  void closed(Counted counted) {
    live.remove(counted);
  }

  void collected(Counted counted) {
    Site site = live.remove(counted);
    if (site == null) {
      return;
    }
    long count = collected.merge(site, 1L, Long::sum);
    if (count == 1) {
      LOG.warn("{}", new Leak(false, 1, site.frames()).describe());
    }
  }

  void logOpen() {
    for (Leak leak : report()) {
      if (leak.live()) {
        LOG.warn("{}", leak.describe());
      }
    }
  }

  /**
   * What was collected unclosed since the start, and what is alive now; the most frequent first.
   */
  List<Leak> report() {
    List<Leak> all = new ArrayList<>();
    collected.forEach((site, count) -> all.add(new Leak(false, count, site.frames())));
    Map<Site, Long> alive = new HashMap<>();
    live.values().forEach(site -> alive.merge(site, 1L, Long::sum));
    alive.forEach((site, count) -> all.add(new Leak(true, count, site.frames())));
    all.sort((a, b) -> Long.compare(b.count(), a.count()));
    return all;
  }
}
