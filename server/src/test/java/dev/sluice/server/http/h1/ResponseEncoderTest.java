package dev.sluice.server.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.LogText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseEncoderTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 9, 15, 16, 255, 256, 65_535, 65_536, Integer.MAX_VALUE})
  void writesChunkSizesInHexadecimal(int size) {
    ByteBuf out = Unpooled.buffer();
    ResponseEncoder.chunkSize(out, size);
    assertThat(out.toString(StandardCharsets.US_ASCII))
        .isEqualTo(Integer.toHexString(size) + "\r\n");
  }

  @Test
  void makesClientsTextFitForTheLog() {
    assertThat(LogText.of("/a\r\nINFO forged\u001b[0m"))
        .isEqualTo("/a\\x0d\\x0aINFO forged\\x1b[0m");
    assertThat(LogText.of("x".repeat(1000))).hasSizeLessThan(300);
  }
}
