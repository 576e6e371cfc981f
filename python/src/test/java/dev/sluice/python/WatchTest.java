package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is seen from outside, each case in a process of its own. */
@Timeout(60)
class WatchTest {
  private static String run(String program) throws Exception {
    ChildJvm.Result result = ChildJvm.run(WatchChild.class, program);
    assertThat(result.exitCode()).as(result.output()).isZero();
    return result.output();
  }

  @Test
  void aThreadThatWaitsWithTheGilIsReportedWithBothStacks() throws Exception {
    assertThat(run("stall"))
        .containsOnlyOnce("SL137")
        .contains("thread \"main\" (#", "Attached.detached")
        .containsSubsequence(
            "WatchChild.stall", "Suppressed:", "the stack of thread \"waiter\"", "Attaching.open");
  }

  @Test
  void flightRecorderIsTold() throws Exception {
    assertThat(run("record"))
        .contains(
            "dev.sluice.AttachWait of 0 on waiter",
            "dev.sluice.Attached of 0 on main",
            "dev.sluice.Crossings of 0 on sluice-gil-watch",
            "dev.sluice.DeferredReferences of 0 on sluice-gil-watch",
            "into Python true",
            "into Java true");
  }

  @Test
  void flightRecorderIsToldOfEveryLongWait() throws Exception {
    // A wait that was meant to be short may be long on a busy machine; a short one is not told.
    assertThat(
            run("waits")
                .lines()
                .filter(line -> line.contains("waited"))
                .filter(line -> !line.equals("hardly waited, in time, for long")))
        .containsExactlyInAnyOrder(
            "attaches waited, in time, for long",
            "tries waited, in vain, for long",
            "back waited, in time, for long");
  }

  @Test
  void droppedReferencesGoAlthoughNobodyAttaches() throws Exception {
    assertThat(run("drain")).contains("left 0", "swept true");
  }
}
