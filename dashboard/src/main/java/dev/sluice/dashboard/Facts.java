package dev.sluice.dashboard;

import dev.sluice.bridge.LoopView;
import dev.sluice.bridge.Stays;
import dev.sluice.guard.Guards;
import dev.sluice.guard.Sighting;
import dev.sluice.guard.Sightings;
import dev.sluice.guard.watch.Stall;
import dev.sluice.guard.watch.Stalls;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the page shows, as values for JSON; any thread, without the GIL. */
final class Facts {
  /** So many sites are told at once, those that cost most. */
  static final int MOST_SITES = 500;

  private final String program;
  private final Attendance attendance;
  private final SlowRequests requests;
  private final long started = System.currentTimeMillis();

  Facts(String program, Attendance attendance, SlowRequests requests) {
    this.program = program;
    this.attendance = attendance;
    this.requests = requests;
  }

  /** All, but for stacks and chains. */
  Map<String, Object> state() {
    attendance.seen();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("program", program);
    all.put("pid", ProcessHandle.current().pid());
    all.put("started", started);
    all.put("now", System.currentTimeMillis());
    all.put("loops", loops());
    all.put("calls", calls());
    all.put("left_out", Sightings.OF_PROCESS.leftOut());
    all.put("stall_count", Stalls.OF_PROCESS.count());
    all.put("stalls", Stalls.OF_PROCESS.last().stream().map(each -> stall(each, false)).toList());
    all.put("gil", attendance.gil().rows());
    all.put("request_count", requests.count());
    all.put("requests", slow());
    all.put("interpreters", attendance.facts());
    return all;
  }

  private static List<Object> loops() {
    List<Object> rows = new ArrayList<>();
    long now = System.nanoTime();
    for (LoopView each : LoopView.all()) {
      long since = each.since();
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("thread", each.thread().map(its -> its.thread().getName()).orElse(""));
      row.put("interpreter", each.interpreter());
      row.put("busy_seconds", each.stays().nanos() / 1e9);
      row.put("now_seconds", since == 0 ? 0.0 : Math.max(0, now - since) / 1e9);
      row.put("lags", each.stays().counts());
      rows.add(row);
    }
    return rows;
  }

  /** The nanoseconds that the stays of each count take less than; 0 for no limit. */
  static List<Long> lagLimits() {
    List<Long> limits = new ArrayList<>();
    for (int i = 0; i < Stays.COUNTS; i++) {
      limits.add(Stays.limit(i));
    }
    return limits;
  }

  private static String id(Sighting seen) {
    return seen.call() + " at " + seen.site();
  }

  private static List<Object> calls() {
    Map<String, String> set = Guards.OF_PROCESS.sites();
    List<Object> rows = new ArrayList<>();
    for (Sighting each : Sightings.OF_PROCESS.all()) {
      if (rows.size() == MOST_SITES) {
        break;
      }
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("id", id(each));
      row.put("call", each.call());
      row.put("category", each.category());
      row.put("site", each.site());
      row.put("loop", each.loop());
      row.put("policy", each.policy());
      row.put("set", set.get(id(each)));
      row.put("count", each.count());
      row.put("seconds_lost", each.lost() / 1e9);
      row.put("longest", each.longest() / 1e9);
      row.put("last", each.last().toEpochMilli());
      rows.add(row);
    }
    return rows;
  }

  /** The calls from the loop to a place, the innermost first; of the last time. */
  static List<String> chain(String id) {
    return Sightings.OF_PROCESS.all().stream()
        .filter(each -> id(each).equals(id))
        .findFirst()
        .map(Sighting::chain)
        .orElse(List.of());
  }

  /** All stalls that are kept, with their stacks. */
  static Map<String, Object> stalls() {
    return Map.of(
        "count",
        Stalls.OF_PROCESS.count(),
        "stalls",
        Stalls.OF_PROCESS.last().stream().map(each -> stall(each, true)).toList());
  }

  private static Map<String, Object> stall(Stalls.Numbered numbered, boolean whole) {
    Stall stall = numbered.stall();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("number", numbered.number());
    row.put("loop", stall.loop());
    row.put("interpreter", stall.interpreter());
    row.put("kind", stall.kind().name().toLowerCase(Locale.ROOT));
    row.put("seconds", stall.nanos() / 1e9);
    row.put("began", stall.began().toEpochMilli());
    row.put("over", stall.over());
    row.put("at", stall.place());
    if (whole) {
      row.put("stack", stall.stack());
      row.put("holder", stall.holder());
    }
    return row;
  }

  private List<Object> slow() {
    List<Object> rows = new ArrayList<>();
    for (SlowRequests.Slow each : requests.slowest()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("method", each.method());
      row.put("target", each.target());
      row.put("status", each.status());
      row.put("seconds", each.nanos() / 1e9);
      row.put("ended", each.ended());
      rows.add(row);
    }
    return rows;
  }
}
