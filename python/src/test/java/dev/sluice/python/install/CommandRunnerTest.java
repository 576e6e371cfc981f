package dev.sluice.python.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CommandRunnerTest {
  private static final byte[] NOTHING = {};

  /** The kill closes the stream under its reader, who is between two reads here more often. */
  @RepeatedTest(50)
  void aCommandWithoutEndIsSaidToHaveTimedOut() throws IOException {
    ProcessBuilder command = new ProcessBuilder("sh", "-c", "while :; do echo; done");

    CommandRunner.Result result = CommandRunner.run(command, NOTHING, Duration.ofMillis(20));

    assertThat(result.timedOut()).isTrue();
    assertThat(result.succeeded()).isFalse();
  }

  @Test
  void itsOutputsComeTogetherWithItsExitCode() throws IOException {
    ProcessBuilder command = new ProcessBuilder("sh", "-c", "echo out; echo err >&2; exit 3");

    CommandRunner.Result result = CommandRunner.run(command, NOTHING, Duration.ofSeconds(20));

    assertThat(result.timedOut()).isFalse();
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.output()).isEqualTo("out\nerr\n");
  }
}
