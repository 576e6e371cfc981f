package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Closing while somebody is inside: bounded, the same for everybody, and the holder is named. */
@Timeout(60)
class EndingTest {
  private static String run(String program) throws Exception {
    ChildJvm.Result result = ChildJvm.run(EndingChild.class, program);
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).containsSubsequence("in time\n", "the same again\n");
    return result.output();
  }

  @Test
  void withNobodyInsideItIsFinalised() throws Exception {
    assertThat(run("nobody")).contains("finalised=true", "holders=[]");
  }

  @ParameterizedTest
  @CsvSource({
    "c-call, is still inside",
    "sleep, time.sleep",
    "callback, EndingChild.never",
    "holding, waits in Java with the GIL",
    "python-callback, EndingChild.never",
    "python-thread, '\"endless\" of Python is no daemon and still runs'",
  })
  void whoStaysIsNamed(String program, String doing) throws Exception {
    String output = run(program);
    assertThat(output).contains("finalised=false");
    assertThat(output.replace("File \"<java>\", line 1, in <module>", "time.sleep"))
        .contains(doing);
    if (!program.startsWith("python-")) {
      assertThat(output).contains("thread \"inside\" (#");
    }
  }

  @ParameterizedTest
  @CsvSource({"sleep", "callback", "python-callback"})
  void exitFunctionsRunWhereTheGilIsToBeHad(String program) throws Exception {
    assertThat(run(program)).contains("atexit ran");
  }

  @Test
  void aDumpHasTheFramesOfBothLanguages() throws Exception {
    String output = run("dump");
    assertThat(output)
        .containsSubsequence(
            "\"inside\"", "EndingChild.never", "in waits_in_java", "EndingChild.lambda$start");
  }
}
