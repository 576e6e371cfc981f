package dev.sluice.bridge.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who wakes a loop looks out for its rest where that pays, and not while it hands over a burst. */
class RendezvousTest {
  private static final long LONG = TimeUnit.SECONDS.toNanos(10);

  private final Rendezvous rendezvous = new Rendezvous();

  @BeforeEach
  void onSeveralProcessors() {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "on one processor nobody looks out");
  }

  /** Wakes the loop, which rests at once; some time later somebody asks. */
  private boolean asksAfter(long lookedOut, boolean waits) {
    rendezvous.woken(true, lookedOut);
    rendezvous.rest(0);
    LockSupport.parkNanos(20_000);
    return rendezvous.isExpectant(waits);
  }

  /** Until it pays: three times on a quiet machine, more often where this thread is held up. */
  private boolean asksUntilItPays() {
    for (int i = 0; i < 1_000; i++) {
      if (asksAfter(0, false)) {
        return true;
      }
    }
    return false;
  }

  @Test
  void whoeverAsksOfALoopThatRestsSoonLooksOutForIt() {
    assertThat(asksAfter(0, false)).isFalse();
    assertThat(asksAfter(0, false)).isFalse();
    assertThat(asksUntilItPays()).isTrue();
  }

  @Test
  void whoeverComesAgainInAPartOfTheTimeThatItTookHandsOverABurst() {
    assertThat(asksUntilItPays()).isTrue();
    assertThat(asksAfter(LONG, false)).isFalse();
    assertThat(asksAfter(0, false)).as("it has to pay anew").isFalse();
  }

  @Test
  void whoeverWaitsIsInNoBurst() {
    for (int i = 0; i < 50; i++) {
      asksAfter(0, false);
    }
    assertThat(asksUntilItPays()).isTrue();
    boolean pays = asksAfter(LONG, true);
    for (int i = 0; i < 1_000 && !pays; i++) {
      pays = asksAfter(LONG, true);
    }
    assertThat(pays).isTrue();
  }
}
