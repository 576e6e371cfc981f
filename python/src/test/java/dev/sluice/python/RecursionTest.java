package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recursion without an end, in processes of its own: it must never be the JVM's end. */
@Timeout(240)
class RecursionTest {
  private static String run(String... arguments) throws Exception {
    ChildJvm.Result result = ChildJvm.run(RecursionChild.class, arguments);
    assertThat(result.exitCode()).as(result.output()).isZero();
    return result.output();
  }

  @ParameterizedTest
  @CsvSource({"'', slow, 6", "'', fast, 78", "10**6, slow, 6", "10**6, fast, 78"})
  void isARecursionErrorOnEveryThread(String limit, String ways, int count) throws Exception {
    assertThat(run(limit, ways).lines())
        .filteredOn(line -> line.contains(" on "))
        .hasSize(count)
        .allMatch(line -> line.endsWith(": RecursionError"));
  }

  @Test
  void aRaisedLimitIsKeptWhereItTakesNoStack() throws Exception {
    assertThat(run("10**6", "python_alone")).contains("main: 3000", "worker: 3000");
  }
}
