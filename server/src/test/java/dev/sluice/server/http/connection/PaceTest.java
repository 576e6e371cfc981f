package dev.sluice.server.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long MICROSECOND = 1_000;
  private static final long MILLISECOND = 1_000 * MICROSECOND;

  private final AtomicLong now = new AtomicLong(-5); // as a clock's that is about to turn positive
  private final Pace pace = new Pace(now::get);

  private void arrive(int count) {
    for (int i = 0; i < count; i++) {
      pace.arrived();
    }
  }

  private boolean answerAfter(long nanos) {
    now.addAndGet(nanos);
    boolean waits = pace.mayWait();
    if (!waits) {
      pace.flushed();
    }
    pace.answered();
    return waits;
  }

  @Test
  void aSingleAnswerDoesNotWait() {
    arrive(1);
    assertThat(answerAfter(50 * MICROSECOND)).isFalse();
    arrive(1);
    assertThat(answerAfter(50 * MICROSECOND)).isFalse();
  }

  @Test
  void theLastTakesTheOthersAlong() {
    arrive(3);
    assertThat(answerAfter(50 * MICROSECOND)).isTrue();
    assertThat(answerAfter(50 * MICROSECOND)).isTrue();
    assertThat(answerAfter(50 * MICROSECOND)).isFalse();
  }

  @Test
  void noneWaitsForLong() {
    arrive(10);
    assertThat(answerAfter(200 * MICROSECOND)).isTrue();
    assertThat(answerAfter(200 * MICROSECOND)).isTrue();
    assertThat(answerAfter(200 * MICROSECOND)).isFalse();
    // The next one is the first that waits again.
    assertThat(answerAfter(200 * MICROSECOND)).isTrue();
    assertThat(answerAfter(200 * MICROSECOND)).isTrue();
    assertThat(answerAfter(200 * MICROSECOND)).isFalse();
  }

  @Test
  void noneWaitsWhereTheThreadWasKept() {
    arrive(5);
    assertThat(answerAfter(10 * MICROSECOND)).isTrue();
    assertThat(answerAfter(20 * MILLISECOND)).isFalse();
    assertThat(answerAfter(10 * MICROSECOND)).isFalse();
    pace.turnEnds();
    now.addAndGet(1_900 * MILLISECOND);
    arrive(5);
    assertThat(answerAfter(10 * MICROSECOND)).isFalse();
    now.addAndGet(200 * MILLISECOND);
    arrive(5);
    assertThat(answerAfter(10 * MICROSECOND)).isTrue();
  }

  /** What the application does behind its last answer keeps those that wait too. */
  @Test
  void theEndOfATurnIsLookedAtToo() {
    arrive(3);
    assertThat(answerAfter(10 * MICROSECOND)).isTrue();
    now.addAndGet(20 * MILLISECOND);
    pace.turnEnds();
    arrive(3);
    assertThat(answerAfter(10 * MICROSECOND)).isFalse();
  }

  @Test
  void requestsOfTheLastTurnAreNotAwaited() {
    arrive(3);
    pace.turnEnds();
    arrive(1);
    assertThat(answerAfter(10 * MICROSECOND)).isFalse();
  }

  @Test
  void timeWithoutRequestsIsNoStall() {
    pace.turnEnds();
    now.addAndGet(60_000 * MILLISECOND);
    arrive(2);
    assertThat(answerAfter(10 * MICROSECOND)).isTrue();
  }
}
