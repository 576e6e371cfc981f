package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Java's locks and the GIL, taken in both orders, in a process of its own. */
@Timeout(120)
class LockOrderTest {
  private static final String SECONDS =
      "full".equals(System.getProperty("sluice.tier")) ? "3" : "0.3";

  @Test
  void whoAttachesWithALockThatTheHolderWantsIsRefused() throws Exception {
    ChildJvm.Result result = ChildJvm.run(LockOrderChild.class, SECONDS);
    assertThat(result.exitCode()).as(result.output()).isZero();
    List<String> cases = result.output().lines().filter(line -> line.contains("entered")).toList();
    assertThat(cases).as(result.output()).hasSize(20);
    assertThat(result.output()).doesNotContain("SL137").contains("shutdown ");
  }
}
