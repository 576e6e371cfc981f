package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.OtherwiseInUvicorn;
import dev.sluice.conformance.harness.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every shape of an ASGI application is known for what it is. */
class AsgiInterfaceTest {
  private static void assertServed(Server.Builder builder) {
    try (Server server = builder.start()) {
      assertThat(server.banner()).contains("(ASGI)");
      server.ask("/alive").expectWhole("alive");
      assertThat(server.stopCleanly()).doesNotContain("\tat ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"app", "instance", "Double"})
  void isFoundOut(String application) {
    assertServed(Server.asgi("interface_apps:" + application));
  }

  @ParameterizedTest
  @OtherwiseInUvicorn("takes them for ASGI 2")
  @ValueSource(strings = {"method", "partial"})
  void mayBeWrappedUp(String application) {
    assertServed(Server.asgi("interface_apps:" + application));
  }

  @Test
  void canBeNamed() {
    assertServed(Server.asgi("interface_apps:app").options("--interface", "asgi"));
  }

  @Test
  void mayComeFromAFactory() {
    assertServed(Server.asgi("interface_apps:factory").options("--factory"));
  }
}
