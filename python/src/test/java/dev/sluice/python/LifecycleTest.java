package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.python.ChildJvm.Result;
import java.io.IOException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Opening and closing, each in a process of its own: a crash would be its exit code. */
@Timeout(120)
class LifecycleTest {
  private static final int STORMS = "full".equals(System.getProperty("sluice.tier")) ? 200 : 5;

  @Test
  void closesAndRunsAtexit() throws Exception {
    Result result = run("plain");
    assertThat(result.output()).contains("atexit ran", "closed", "joined");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  @Timeout(900) // 200 processes in the full tier, each with its own limit
  void closesUnderAStormOfCallers() throws Exception {
    for (int i = 0; i < STORMS; i++) {
      Result result = run("storm");
      assertThat(result.output()).contains("all refused", "joined");
      assertThat(result.exitCode()).isZero();
    }
  }

  @RepeatedTest(2)
  void closesBesideAThreadThatNeverReturnsAndNamesIt() throws Exception {
    Result result = run("stuck");
    assertThat(result.output()).contains("\"sleeper\"", "atexit ran", "closed", "joined");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void joinsPythonsThreadsButNotItsDaemons() throws Exception {
    Result result = run("threads");
    assertThat(result.output()).contains("thread ended", "closed", "joined");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void refusesEveryUseAfterTheEnd() throws Exception {
    Result result = run("after");
    assertThat(result.output()).contains("attr refused", "attach refused", "closed", "joined");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void aLibraryThatCannotBeLoadedLeavesTheWayFree() throws Exception {
    Result result = run("retry");
    assertThat(result.output())
        .containsSubsequence(
            "SL120 refused: SL120",
            "SL120 refused: SL120",
            "SL121 refused: SL121",
            "atexit ran",
            "SL121 refused: SL121",
            "joined");
    assertThat(result.exitCode()).isZero();
  }

  private static Result run(String program) throws IOException, InterruptedException {
    return ChildJvm.run(LifecycleChild.class, program);
  }
}
