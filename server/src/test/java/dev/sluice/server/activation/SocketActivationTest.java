package dev.sluice.server.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import dev.sluice.server.activation.SocketActivation.Inherited;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocketActivationTest {
  private static List<Inherited> descriptors(Map<String, String> environment) {
    return SocketActivation.descriptors(environment, 4711);
  }

  @Test
  void countsFromThree() {
    assertThat(descriptors(Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "2")))
        .containsExactly(new Inherited(3, "unknown"), new Inherited(4, "unknown"));
  }

  @Test
  void tellsTheirNames() {
    Map<String, String> environment =
        Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "3", "LISTEN_FDNAMES", "http::admin.socket");
    assertThat(descriptors(environment))
        .containsExactly(
            new Inherited(3, "http"), new Inherited(4, ""), new Inherited(5, "admin.socket"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "4712", "04711", "+4711", "4711 ", "47110", "x", "-4711"})
  void leavesAloneWhatIsForAnotherProcess(String pid) {
    assertThat(descriptors(Map.of("LISTEN_PID", pid, "LISTEN_FDS", "rubbish"))).isEmpty();
  }

  @Test
  void nothingIsHandedOverWithoutBothVariables() {
    assertThat(descriptors(Map.of())).isEmpty();
    assertThat(descriptors(Map.of("LISTEN_FDS", "2"))).isEmpty();
    assertThat(descriptors(Map.of("LISTEN_PID", "4711"))).isEmpty();
  }

  @Test
  void noneMayBeHandedOver() {
    Map<String, String> environment =
        new HashMap<>(Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "0"));
    assertThat(descriptors(environment)).isEmpty();
    environment.put("LISTEN_FDNAMES", "");
    assertThat(descriptors(environment)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-1", "+1", " 1", "1 ", "x", "1.0", "0x1", "1025", "99999999999", "\u0661"})
  void refusesACountThatIsNone(String count) {
    assertThatThrownBy(() -> descriptors(Map.of("LISTEN_PID", "4711", "LISTEN_FDS", count)))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ServerError.SOCKET_ACTIVATION_INVALID))
        .hasMessageContaining("\"" + count + "\"");
  }

  @ParameterizedTest
  @CsvSource({"1,a:b", "2,a", "2,a:b:c", "2,''", "0,a"})
  void refusesAnotherNumberOfNames(String count, String names) {
    Map<String, String> environment =
        Map.of("LISTEN_PID", "4711", "LISTEN_FDS", count, "LISTEN_FDNAMES", names);
    assertThatThrownBy(() -> descriptors(environment))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("LISTEN_FDS is " + count);
  }
}
