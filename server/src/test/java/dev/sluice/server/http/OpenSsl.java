package dev.sluice.server.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code openssl s_client}, a client that is neither BoringSSL nor the JDK. */
final class OpenSsl {
  private static final int LIMIT_SECONDS = 20;

  private OpenSsl() {}

  /** Connects, asks for {@code /}, and gives all that the program has printed. */
  static String client(int port, Path authority, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port, "-ign_eof"));
    command.addAll(List.of("-CAfile", authority.toString()));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile(authority.getParent(), "openssl", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try (var in = process.outputWriter(StandardCharsets.US_ASCII)) {
      in.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    } catch (IOException e) {
      // The handshake has failed already: the output says so.
    }
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("openssl hangs: " + Files.readString(output));
      }
    } finally {
      process.destroyForcibly();
    }
    return new String(Files.readAllBytes(output), StandardCharsets.ISO_8859_1);
  }
}
