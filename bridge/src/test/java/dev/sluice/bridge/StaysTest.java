package dev.sluice.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How stays are sorted into counts. */
class StaysTest {
  private static int indexOf(long nanos) {
    Stays stays = new Stays();
    stays.add(nanos);
    long[] counts = stays.counts();
    return IntStream.range(0, counts.length).filter(i -> counts[i] == 1).findFirst().orElse(-1);
  }

  @Test
  void eachIsInTheFirstCountThatItIsBelowTheLimitOf() {
    assertThat(indexOf(-1)).isZero();
    assertThat(indexOf(0)).isZero();
    assertThat(indexOf(2_047)).isZero();
    assertThat(indexOf(2_048)).isEqualTo(1);
    for (int i = 0; i < Stays.COUNTS - 1; i++) {
      assertThat(indexOf(Stays.limit(i) - 1)).isEqualTo(i);
      assertThat(indexOf(Stays.limit(i))).isEqualTo(i + 1);
    }
    assertThat(indexOf(Long.MAX_VALUE)).isEqualTo(Stays.COUNTS - 1);
    assertThat(Stays.limit(Stays.COUNTS - 1)).isZero();
  }

  @Test
  void theyAreSummedUp() {
    Stays stays = new Stays();
    stays.add(10);
    stays.add(5_000);
    assertThat(stays.nanos()).isEqualTo(5_010);
    assertThat(stays.counts()).contains(1, 1);
  }
}
