package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BindAddressTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8000,127.0.0.1,8000",
    "[::1]:80,::1,80",
    ":8000,0.0.0.0,8000",
    "host:0,host,0",
  })
  void readsHostAndPort(String text, String host, int port) {
    assertThat(BindAddress.parse(text)).isEqualTo(new BindAddress.Tcp(host, port));
  }

  @Test
  void readsSocketsAndDescriptors() {
    assertThat(BindAddress.parse("unix:/tmp/s")).isEqualTo(new BindAddress.Unix(Path.of("/tmp/s")));
    assertThat(BindAddress.parse("fd:3")).isEqualTo(new BindAddress.Descriptor(3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "8000", "host", "host:", "host:x", "host:70000", "fd:-1", "unix:"})
  void refusesTheRestWithAnExample(String text) {
    assertThatThrownBy(() -> BindAddress.parse(text))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ServerError.ADDRESS_INVALID))
        .hasMessageContaining("127.0.0.1:8000");
  }
}
