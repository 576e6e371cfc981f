package dev.sluice.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SightingsTest {
  private static Sighting seen(String call, String site, long nanos) {
    return new Sighting(
        call, "sleep", site, "a loop", "report", 1, nanos, nanos, List.of(site), Instant.EPOCH);
  }

  @Test
  void theSamePlaceIsOneRow() {
    var sightings = new Sightings(10);
    assertThat(sightings.add(seen("time.sleep", "a.py:1", 5))).isEqualTo(1);
    assertThat(sightings.add(seen("time.sleep", "a.py:1", 7))).isEqualTo(2);
    assertThat(sightings.add(seen("time.sleep", "b.py:1", 6))).isEqualTo(1);
    assertThat(sightings.add(seen("select.poll", "b.py:1", 1))).isEqualTo(1);
    assertThat(sightings.all())
        .extracting(Sighting::site, Sighting::count, Sighting::lost, Sighting::longest)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("a.py:1", 2L, 12L, 7L),
            org.assertj.core.groups.Tuple.tuple("b.py:1", 1L, 6L, 6L),
            org.assertj.core.groups.Tuple.tuple("b.py:1", 1L, 1L, 1L));
  }

  @Test
  void whatThereIsNoRoomForIsCounted() {
    var sightings = new Sightings(1);
    sightings.add(seen("time.sleep", "a.py:1", 5));
    assertThat(sightings.add(seen("time.sleep", "b.py:1", 5))).isZero();
    assertThat(sightings.add(seen("time.sleep", "a.py:1", 5))).isEqualTo(2);
    assertThat(sightings.leftOut()).isEqualTo(1);
    sightings.clear();
    assertThat(sightings.all()).isEmpty();
    assertThat(sightings.leftOut()).isZero();
  }

  @Test
  void threadsMayAddAtOnce() throws InterruptedException {
    var sightings = new Sightings(10);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 0; n < 1000; n++) {
                  sightings.add(seen("time.sleep", "a.py:" + n % 3, 1));
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(sightings.all().stream().mapToLong(Sighting::lost).sum()).isEqualTo(4000);
  }

  @Test
  void commandLinesNameAPolicyAndCategories() {
    assertThat(Guard.parse("raise")).contains(new Guard("raise", "default"));
    assertThat(Guard.parse("report:all")).contains(new Guard("report", "all"));
    assertThat(Guard.parse("raise:sleep,dns")).contains(new Guard("raise", "sleep,dns"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "shout", "raise:", "raise:,", "raise:a,", ":all", "raise:a b"})
  void andNothingElse(String text) {
    assertThat(Guard.parse(text)).isEmpty();
  }
}
