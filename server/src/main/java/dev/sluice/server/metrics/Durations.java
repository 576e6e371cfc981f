package dev.sluice.server.metrics;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import java.util.concurrent.atomic.LongAdder;

/**
 * A histogram of durations; told of them by any thread, at about 10 ns each.
 *
 * <p>The library's own histogram takes a lock, and lets those who observe wait, while it is
 * collected; IO threads must not wait. This one only counts, so what is collected may lack an
 * observation that is being made at that moment.
 */
final class Durations implements Collector, WaitObserver {
  /** The buckets' upper bounds: 0.1 ms to 30 s, in nanoseconds. */
  private static final long[] BOUNDS = {
    100_000L,
    250_000L,
    500_000L,
    1_000_000L,
    2_500_000L,
    5_000_000L,
    10_000_000L,
    25_000_000L,
    50_000_000L,
    100_000_000L,
    250_000_000L,
    500_000_000L,
    1_000_000_000L,
    2_500_000_000L,
    5_000_000_000L,
    10_000_000_000L,
    30_000_000_000L,
  };

  private final String name;
  private final String help;
  private final LongAdder[] counts = new LongAdder[BOUNDS.length + 1];
  private final LongAdder sum = new LongAdder();

  Durations(String name, String help) {
    this.name = name;
    this.help = help;
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  @Override
  public void waited(long nanos) {
    long duration = Math.max(0, nanos);
    int bucket = 0;
    while (bucket < BOUNDS.length && duration > BOUNDS[bucket]) {
      bucket++;
    }
    counts[bucket].increment();
    sum.add(duration);
  }

  @Override
  public HistogramSnapshot collect() {
    double[] bounds = new double[counts.length];
    long[] found = new long[counts.length];
    for (int i = 0; i < counts.length; i++) {
      bounds[i] = i < BOUNDS.length ? BOUNDS[i] / 1e9 : Double.POSITIVE_INFINITY;
      found[i] = counts[i].sum();
    }
    HistogramDataPointSnapshot point =
        HistogramDataPointSnapshot.builder()
            .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, found))
            .sum(sum.sum() / 1e9)
            .build();
    return HistogramSnapshot.builder().name(name).help(help).dataPoint(point).build();
  }
}
