package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The cache's bound, and what it gives up first. */
class ClockCacheTest {
  private static final int ONE = Entry.OVERHEAD + 2;

  private static Entry entry() {
    return new Entry.Nothing(0, false);
  }

  @Test
  void whatWasUsedIsPassedOverOnce() {
    ClockCache cache = new ClockCache(3 * ONE);
    cache.put("a", entry());
    cache.put("b", entry());
    cache.put("c", entry());
    cache.put("d", entry()); // all were used when they came: the first goes
    assertThat(cache.get("a")).isNull();
    cache.get("b");
    cache.put("e", entry());
    assertThat(cache.get("b")).isNotNull();
    assertThat(cache.get("c")).isNull();
    assertThat(cache.weight()).isEqualTo(3 * ONE);
  }

  @Test
  void whatIsPutAgainCountsOnce() {
    ClockCache cache = new ClockCache(3 * ONE);
    Entry last = entry();
    for (int i = 0; i < 100; i++) {
      cache.put("a", entry());
    }
    cache.put("a", last);
    assertThat(cache.get("a")).isSameAs(last);
    assertThat(cache.weight()).isEqualTo(ONE);
    cache.remove("a");
    assertThat(cache.weight()).isZero();
    assertThat(cache.get("a")).isNull();
    cache.remove("a");
    assertThat(cache.weight()).isZero();
  }

  @Test
  void whatIsTooHeavyIsNotKept() {
    ClockCache cache = new ClockCache(ONE - 1);
    cache.put("a", entry());
    assertThat(cache.size()).isZero();
    assertThat(cache.weight()).isZero();
  }

  @Test
  void theBoundHoldsWhateverIsDone() {
    ClockCache cache = new ClockCache(20 * ONE);
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      String path = "x".repeat(random.nextInt(40));
      switch (random.nextInt(4)) {
        case 0 -> cache.remove(path);
        case 1 -> cache.get(path);
        default -> cache.put(path, entry());
      }
      assertThat(cache.weight()).isBetween(0L, 20L * ONE);
      assertThat(cache.size()).isLessThanOrEqualTo(20);
    }
    assertThat(cache.size()).isGreaterThan(10);
  }
}
