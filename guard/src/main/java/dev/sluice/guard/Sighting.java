package dev.sluice.guard;

import java.time.Instant;
import java.util.List;

/**
 * What was seen of one call at one place: on any thread, never changed.
 *
 * @param call what was called, as in {@code time.sleep}
 * @param category the call's kind, as in {@code sleep}
 * @param site where user code called it: file, line and function
 * @param loop whom it stopped, or would have
 * @param policy what became of it: raise, report, farm or off
 * @param count how often
 * @param lost the nanoseconds that it took, in all; none where it was refused
 * @param longest the most that one took
 * @param chain the calls from user code to this one, the innermost first; of the last time
 * @param last when it was seen last
 */
public record Sighting(
    String call,
    String category,
    String site,
    String loop,
    String policy,
    long count,
    long lost,
    long longest,
    List<String> chain,
    Instant last) {
  /** Copies the chain. */
  public Sighting {
    chain = List.copyOf(chain);
  }

  /** The same call at the same place, once more. */
  Sighting and(Sighting next) {
    return new Sighting(
        call,
        category,
        site,
        next.loop,
        next.policy,
        count + next.count,
        lost + next.lost,
        Math.max(longest, next.longest),
        next.chain,
        next.last);
  }
}
