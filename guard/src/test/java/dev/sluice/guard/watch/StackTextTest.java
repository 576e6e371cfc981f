package dev.sluice.guard.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What of stacks is shown. */
class StackTextTest {
  private static final String GUARD =
      "File \"/cache/python/12/sluice/_guard_policy.py\", line 1, in stopped";
  private static final String WRITTEN = "File \"<sluice guard>\", line 8, in sleep";
  private static final String LIBRARY =
      "File \"/usr/lib/python3.14/socket.py\", line 983, in getaddrinfo";
  private static final String PACKAGE =
      "File \"/venv/lib/python3.14/site-packages/redis/client.py\", line 3, in send";
  private static final String USER = "File \"/app/views.py\", line 5, in view";
  private static final String LOOP =
      "File \"/cache/python/12/sluice/_loop.py\", line 138, in Loop._pass";
  private static final String JAVA = "at app//shop.Cart.total(Cart.java:12)";
  private static final String JDK = "at java.base/java.lang.Thread.sleep(Thread.java:1)";
  private static final String OURS = "at dev.sluice.python.Calls.call(Calls.java:199)";

  @Test
  void theGuardsFramesAreLeftOut() {
    assertThat(StackText.withoutGuard(List.of(GUARD, WRITTEN, USER, LOOP)))
        .containsExactly(USER, LOOP);
  }

  @Test
  void userCodeIsWhereToLook() {
    assertThat(StackText.place(List.of(LIBRARY, USER, LOOP))).isEqualTo(USER);
    assertThat(StackText.place(List.of(LIBRARY, PACKAGE, USER))).isEqualTo(PACKAGE);
    assertThat(StackText.place(List.of(JDK, OURS, JAVA, USER))).isEqualTo(JAVA);
    assertThat(StackText.place(List.of(OURS, LIBRARY, LOOP, JDK))).isEqualTo(LIBRARY);
    assertThat(StackText.place(List.of(OURS))).isEqualTo(OURS);
    assertThat(StackText.place(List.of())).isEmpty();
  }

  @Test
  void theLoopIsBelowAll() {
    assertThat(StackText.aboveLoop(List.of(USER, LOOP, USER))).containsExactly(USER);
    assertThat(StackText.aboveLoop(List.of(LOOP, USER))).containsExactly(LOOP, USER);
  }
}
