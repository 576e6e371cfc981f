package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long shared memory lives, each case in a process of its own. */
@Timeout(120)
class BufferLifeTest {
  private static String run(String program, String... options) throws Exception {
    ChildJvm.Result result = ChildJvm.run(List.of(options), BufferLifeChild.class, program);
    assertThat(result.exitCode()).as(result.output()).isZero();
    return result.output();
  }

  @Test
  void aViewIsThereWhilePythonReleasesIt() throws Exception {
    // Only in compiled code does an object go before the method that uses it last has returned.
    String output =
        run(
            "release",
            "-Xcomp",
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=compileonly,dev.sluice.python.*::*");
    assertThat(output).containsAnyOf("released 20, gone meanwhile 0\n", "Python is too old\n");
  }

  @Test
  void viewsEndWithTheirInterpreter() throws Exception {
    assertThat(run("end"))
        .containsPattern("(?s)^(refused refused refused, shared closed true\n){2,3}")
        .doesNotContain("read");
  }

  @Test
  void aViewThatIsReadAtTheEndStays() throws Exception {
    assertThat(run("busy")).startsWith("still there\nfinalised=true\n");
  }
}
