package dev.sluice.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is set for places, while nobody has a guard. */
class GuardsTest {
  private final Guards guards = new Guards(2);

  private void set(String site, String policy) {
    assertThat(guards.setSite(site, policy, Duration.ZERO)).isEmpty();
  }

  @Test
  void thereIsRoomForSoMany() {
    set("time.sleep at a", "off");
    set("time.sleep at b", "off");
    assertThat(guards.hasRoomFor("time.sleep at c")).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> guards.setSite("time.sleep at c", "off", Duration.ZERO));
    set("time.sleep at b", "raise");
    assertThat(guards.sites())
        .isEqualTo(Map.of("time.sleep at a", "off", "time.sleep at b", "raise"));
    guards.setSite("time.sleep at a", null, Duration.ZERO);
    guards.setSite("time.sleep at d", null, Duration.ZERO);
    set("time.sleep at c", "off");
    assertThat(guards.policyOf("time.sleep at c")).hasValue("off");
  }
}
