package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything at once, for a while, each case in a process of its own: a minute in the full tier.
 */
@Timeout(300)
class StressTest {
  private static final String SECONDS =
      "full".equals(System.getProperty("sluice.tier")) ? "60" : "3";

  @ParameterizedTest
  @ValueSource(strings = {"attach", "interpreters", "collectors"})
  void holds(String program) throws Exception {
    ChildJvm.Result result = ChildJvm.run(StressChild.class, program, SECONDS);
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).contains(" calls, CloseReport[finalised=true").hasLineCount(1);
    System.out.println(program + ": " + result.output().strip());
  }
}
