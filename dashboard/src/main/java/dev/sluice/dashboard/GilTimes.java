package dev.sluice.dashboard;

import dev.sluice.python.GilSample;
import dev.sluice.python.Interpreter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * In which share of the last looks each thread had the GIL of its interpreter, or waited for it;
 * looked at by one thread, read by any.
 */
final class GilTimes {
  /** So many looks of each interpreter count: ten seconds. */
  static final int LOOKS = 200;

  /** How often to look. */
  static final long EVERY_MILLIS = 50;

  private record Look(String interpreter, GilSample sample) {}

  private record Whose(String interpreter, String thread) {}

  private final Deque<Look> looks = new ArrayDeque<>();

  /** Of how many looks how many found a thread with the GIL, and waiting for it. */
  private static final class Sum {
    int had;
    int waited;
  }

  void look(List<Interpreter> interpreters) {
    List<Look> now = new ArrayList<>();
    for (Interpreter each : interpreters) {
      now.add(new Look(each.name(), GilSample.of(each)));
    }
    synchronized (this) {
      looks.addAll(now);
      while (looks.size() > LOOKS * Math.max(1, interpreters.size())) {
        looks.removeFirst();
      }
    }
  }

  synchronized void forget() {
    looks.clear();
  }

  /** A row for each thread, those that had the GIL most first. */
  synchronized List<Map<String, Object>> rows() {
    Map<String, Integer> all = new TreeMap<>();
    Map<Whose, Sum> sums = new HashMap<>();
    for (Look look : looks) {
      String its = look.interpreter();
      all.merge(its, 1, Integer::sum);
      look.sample().holder().ifPresent(name -> sum(sums, new Whose(its, name)).had++);
      look.sample().waiting().forEach(name -> sum(sums, new Whose(its, name)).waited++);
    }
    return sums.entrySet().stream()
        .sorted(
            Comparator.comparingInt((Map.Entry<Whose, Sum> each) -> -each.getValue().had)
                .thenComparing(each -> each.getKey().thread()))
        .map(each -> row(each.getKey(), each.getValue(), all))
        .toList();
  }

  private static Sum sum(Map<Whose, Sum> sums, Whose whose) {
    return sums.computeIfAbsent(whose, nobody -> new Sum());
  }

  private static Map<String, Object> row(Whose whose, Sum sum, Map<String, Integer> all) {
    double looks = all.getOrDefault(whose.interpreter(), 1);
    return Map.of(
        "interpreter",
        whose.interpreter(),
        "thread",
        whose.thread(),
        "holds",
        sum.had / looks,
        "waits",
        sum.waited / looks);
  }
}
