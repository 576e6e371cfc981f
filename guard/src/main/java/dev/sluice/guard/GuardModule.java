package dev.sluice.guard;

import dev.sluice.guard.watch.GuardEvents;
import dev.sluice.guard.watch.Stall;
import dev.sluice.guard.watch.Stalls;
import dev.sluice.python.Attached;
import dev.sluice.python.ModuleBuilder;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonModule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The module {@code sluice._guard_door}, which Python's side of the guard has Java by; on the
 * thread that imports it, attached.
 */
public final class GuardModule implements PythonModule {
  /** Made by the service loader. */
  public GuardModule() {}

  @Override
  public String name() {
    return "sluice._guard_door";
  }

  @Override
  public void fill(ModuleBuilder module) {
    try (Attached py = module.module().interpreter().attachedInCallback()) {
      Rebinding.fill(py, module);
    }
    module.function("seen", (py, arguments) -> seen(arguments));
    module.function("sightings", (py, arguments) -> sightings(py));
    module.function("stalls", (py, arguments) -> stalls(py));
    module.function("stall_count", (py, arguments) -> Stalls.OF_PROCESS.count());
    module.function(
        "joined", (py, arguments) -> py.toPython(Guards.OF_PROCESS.joined(py.interpreter())));
    module.function(
        "left",
        (py, arguments) -> {
          Guards.OF_PROCESS.left(py.interpreter());
          return null;
        });
    module.function("left_out", (py, arguments) -> Sightings.OF_PROCESS.leftOut());
    module.function(
        "forget",
        (py, arguments) -> {
          Sightings.OF_PROCESS.clear();
          Stalls.OF_PROCESS.clear();
          return null;
        });
  }

  /** {@code seen(call, category, site, loop, policy, nanos, chain)}, chain being lines of text. */
  private static long seen(@Nullable Object[] arguments) {
    long nanos = ((Number) Objects.requireNonNull(arguments[5])).longValue();
    Sighting seen =
        new Sighting(
            text(arguments[0]),
            text(arguments[1]),
            text(arguments[2]),
            text(arguments[3]),
            text(arguments[4]),
            1,
            nanos,
            nanos,
            text(arguments[6]).lines().toList(),
            Instant.now());
    GuardEvents.call(seen);
    return Sightings.OF_PROCESS.add(seen);
  }

  private static PyObject stalls(Attached py) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Stalls.Numbered each : Stalls.OF_PROCESS.last()) {
      Stall stall = each.stall();
      rows.add(
          Map.of(
              "number", each.number(),
              "loop", stall.loop(),
              "interpreter", stall.interpreter(),
              "kind", stall.kind().name().toLowerCase(Locale.ROOT),
              "seconds", stall.nanos() / 1e9,
              "stack", stall.stack(),
              "holder", stall.holder(),
              "began", stall.began().toString(),
              "over", stall.over()));
    }
    return py.toPython(rows);
  }

  private static String text(@Nullable Object argument) {
    return Objects.requireNonNull(argument).toString();
  }

  /** A list of dictionaries, as Python's own values. */
  private static PyObject sightings(Attached py) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Sighting each : Sightings.OF_PROCESS.all()) {
      rows.add(
          Map.of(
              "call", each.call(),
              "category", each.category(),
              "site", each.site(),
              "loop", each.loop(),
              "policy", each.policy(),
              "count", each.count(),
              "seconds_lost", each.lost() / 1e9,
              "longest", each.longest() / 1e9,
              "chain", each.chain(),
              "last", each.last().toString()));
    }
    return py.toPython(rows);
  }
}
