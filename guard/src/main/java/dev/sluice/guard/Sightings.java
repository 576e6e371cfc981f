package dev.sluice.guard;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The blocking calls of the process that were seen, by call and place; any thread, of any
 * interpreter.
 *
 * <p>There is room for so many places; what is seen at others is counted only.
 */
public final class Sightings {
  /** Those of this process. */
  public static final Sightings OF_PROCESS = new Sightings(10_000);

  private record Place(String call, String site) {}

  private final int bound;
  private final Map<Place, Sighting> table = new ConcurrentHashMap<>();
  private final AtomicLong leftOut = new AtomicLong();

  Sightings(int bound) {
    this.bound = bound;
  }

  /**
   * Adds what was seen.
   *
   * @return how often that was seen at that place, this time included; 0 if there is no room
   */
  public long add(Sighting seen) {
    Place place = new Place(seen.call(), seen.site());
    if (table.size() >= bound && !table.containsKey(place)) {
      leftOut.addAndGet(seen.count());
      return 0;
    }
    Sighting all = table.merge(place, seen, Sighting::and);
    return all == null ? 0 : all.count();
  }

  /** All, those that have cost the most first. */
  public List<Sighting> all() {
    return table.values().stream()
        .sorted(
            Comparator.comparingLong(Sighting::lost)
                .thenComparingLong(Sighting::count)
                .reversed()
                .thenComparing(Sighting::site))
        .toList();
  }

  /** How many calls were seen at places that there was no room for. */
  public long leftOut() {
    return leftOut.get();
  }

  /** Forgets all. */
  public void clear() {
    table.clear();
    leftOut.set(0);
  }
}
