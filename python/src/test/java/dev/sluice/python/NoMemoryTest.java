package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens when Python has no memory: a crash would be the child's exit code. */
@Timeout(120)
class NoMemoryTest {
  @Test
  void everyAllocationMayFail() throws Exception {
    ChildJvm.Result result = ChildJvm.run(NoMemoryChild.class);
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).containsAnyOf("survived", "no _testcapi");
    assertThat(result.output()).doesNotContain("wrong");
  }
}
