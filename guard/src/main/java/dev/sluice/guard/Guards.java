package dev.sluice.guard;

import dev.sluice.guard.watch.Watching;
import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.SluiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The interpreters that have a guard, and what was set for single places in all of them from
 * outside; any thread that is not attached, unless a method says otherwise.
 */
public final class Guards {
  /** Those of this process. */
  public static final Guards OF_PROCESS = new Guards(10_000);

  private static final String DOOR = "sluice._guard_registry";

  private final Set<Interpreter> guarded = ConcurrentHashMap.newKeySet();
  private final Map<String, String> sites = new ConcurrentHashMap<>();

  /** Those that could not be told yet what was set. */
  private final Set<Interpreter> late = ConcurrentHashMap.newKeySet();

  private final int mostSites;

  /**
   * One with room for so many places that have a policy of their own: whoever sets them may have no
   * end.
   */
  Guards(int mostSites) {
    this.mostSites = mostSites;
  }

  /** An interpreter has a guard now; attached. Returns what is set for places. */
  Map<String, String> joined(Interpreter interpreter) {
    // Before the look at what is set: whoever sets something looks later who is here.
    if (guarded.add(interpreter)) {
      Watching.begin();
    }
    return Map.copyOf(sites);
  }

  /** An interpreter has none any more; attached. */
  void left(Interpreter interpreter) {
    late.remove(interpreter);
    if (guarded.remove(interpreter)) {
      Watching.end();
    }
  }

  /** The interpreters that have a guard. */
  public List<Interpreter> interpreters() {
    return List.copyOf(guarded);
  }

  /** What was set for places: a policy by "call at site". */
  public Map<String, String> sites() {
    return new TreeMap<>(sites);
  }

  /** What was set for a place. */
  public Optional<String> policyOf(String site) {
    return Optional.ofNullable(sites.get(site));
  }

  /** Whether there is room for what is to be set for a place. */
  public boolean hasRoomFor(String site) {
    return sites.size() < mostSites || sites.containsKey(site);
  }

  /**
   * Sets what becomes of a call at one place, in every interpreter that has a guard, now and later.
   *
   * @param site as in {@code time.sleep at app.py:3 in view}
   * @param policy off, report, raise or farm; null for what rules and categories say
   * @param limit how long each interpreter may take to let the caller in
   * @throws IllegalStateException if {@link #hasRoomFor} says no, and there is a policy
   * @return the names of the interpreters that did not; they are told by {@link #tellLate}
   */
  public List<String> setSite(String site, @Nullable String policy, Duration limit) {
    if (policy == null) {
      sites.remove(site);
    } else if (hasRoomFor(site)) {
      sites.put(site, policy);
    } else {
      throw new IllegalStateException(mostSites + " places have a policy of their own");
    }
    List<String> names = new ArrayList<>();
    for (Interpreter each : interpreters()) {
      if (ask(each, limit, door -> door.callMethod("set_site", site, policy).isNone()).isEmpty()) {
        late.add(each);
        names.add(each.name());
      }
    }
    return names;
  }

  /** Tells those that could not be told before. */
  public void tellLate(Duration limit) {
    for (Interpreter each : List.copyOf(late)) {
      if (ask(each, limit, door -> door.callMethod("set_sites", Map.copyOf(sites)).isNone())
          .isPresent()) {
        late.remove(each);
      }
    }
  }

  /**
   * What an interpreter's guard knows, as text in JSON; empty if it lets nobody in within the
   * limit.
   */
  public Optional<String> facts(Interpreter interpreter, Duration limit) {
    return ask(interpreter, limit, door -> door.callMethod("facts").as(String.class));
  }

  private <T> Optional<T> ask(
      Interpreter interpreter, Duration limit, Function<PyObject, T> question) {
    try (Attached py = interpreter.tryAttach(limit)) {
      if (py == null) {
        return Optional.empty();
      }
      try (PyObject door = py.importModule(DOOR)) {
        return Optional.of(question.apply(door));
      }
    } catch (SluiceException closed) {
      left(interpreter);
      return Optional.empty();
    }
  }
}
