package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Certificates;
import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Serving a socket that somebody else has opened, as service managers hand it over. */
class InheritedSocketTest {
  @TempDir private Path directory;

  private Child serve(String kind) {
    return Child.sluice(
        directory,
        Map.of("SLUICE_APP_DIR", Project.EXAMPLES.resolve("wsgi").toString()),
        List.of(
            "python",
            Project.PYTHON.resolve("scripts/hand_over.py").toString(),
            kind,
            "socket",
            Project.LAUNCHER.toString(),
            "serve",
            "hello:app",
            "--bind",
            "fd:N"));
  }

  /** The first with the certificate, the one that is called http without. */
  @Test
  void theSocketsOfSystemdAreServedInsteadOfAll() throws IOException {
    Certificates certificates = new Certificates(directory);
    certificates.issue("site");
    try (Child child =
        Child.sluice(
            directory,
            Map.of("SLUICE_APP_DIR", Project.EXAMPLES.resolve("wsgi").toString()),
            List.of(
                "python",
                Project.PYTHON.resolve("scripts/hand_over.py").toString(),
                "systemd",
                "",
                Project.LAUNCHER.toString(),
                "serve",
                "hello:app",
                "--bind",
                "127.0.0.1:1",
                "--certfile",
                "site.pem",
                "--keyfile",
                "site.key"))) {
      String banner = banner(child);
      assertThat(banner)
          .matches(".* at https://127\\.0\\.0\\.1:\\d+ and http://127\\.0\\.0\\.1:\\d+");
      URI uri = URI.create(banner.substring(banner.indexOf("http://")));
      try (var connection = Connection.to(uri.getPort())) {
        assertThat(connection.get("/").read().status()).isEqualTo(200);
      }
      child.signal("TERM");
      Child.Ended ended = child.ended(Limits.ANSWER);
      assertThat(ended.code()).as(ended.stderr()).isZero();
    }
  }

  private static final String CHILDREN =
      """
      import subprocess
      def app(environ, start_response):
          listed = ["sh", "-c", "ls -l /proc/self/fd"]
          said = subprocess.run(listed, close_fds=False, capture_output=True).stdout
          start_response("200 OK", [("Content-Type", "text/plain")])
          return [said]
      """;

  /** It would go on listening after the server has ended. */
  @Test
  void noProgramThatTheApplicationStartsHasTheSocket() throws IOException {
    Files.writeString(directory.resolve("children.py"), CHILDREN);
    try (Child child =
        Child.sluice(
            directory,
            Map.of(),
            List.of(
                "python",
                Project.PYTHON.resolve("scripts/hand_over.py").toString(),
                "tcp",
                "",
                Project.LAUNCHER.toString(),
                "serve",
                "children:app",
                "--bind",
                "fd:N"))) {
      String banner = banner(child);
      URI uri = URI.create(banner.substring(banner.indexOf("http://")));
      try (var connection = Connection.to(uri.getPort())) {
        assertThat(connection.get("/").read().text()).contains("pipe:").doesNotContain("socket:");
      }
      assertEnds(child);
    }
  }

  private static String banner(Child child) {
    return child.stdout().await(line -> line.startsWith("Sluice "), Limits.START);
  }

  private static void assertEnds(Child child) {
    child.signal("TERM");
    Child.Ended ended = child.ended(Limits.ANSWER);
    assertThat(ended.code()).as(ended.stderr()).isZero();
    assertThat(ended.stderr()).isEmpty();
  }

  @Test
  void aTcpSocketIsServed() throws IOException {
    try (Child child = serve("tcp")) {
      String banner = banner(child);
      URI uri = URI.create(banner.substring(banner.indexOf("http://")));
      try (var connection = Connection.to(uri.getPort())) {
        assertThat(connection.get("/").read().status()).isEqualTo(200);
      }
      assertEnds(child);
    }
  }

  /** Its file belongs to whoever has made it, and stays. */
  @Test
  void aUnixSocketIsServed() throws IOException {
    Path path = directory.resolve("socket");
    try (Child child = serve("unix")) {
      assertThat(banner(child)).contains("fd:");
      try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(path));
        try (var connection =
            new Connection(
                Channels.newInputStream(channel), Channels.newOutputStream(channel), channel)) {
          assertThat(connection.get("/").read().status()).isEqualTo(200);
        }
      }
      assertEnds(child);
    }
    assertThat(path).exists();
  }

  @ParameterizedTest
  @CsvSource({
    "silent, does not listen",
    "file, no socket",
    "closed, no socket",
  })
  void whatIsNoListeningSocketIsRefused(String kind, String reason) {
    try (Child child = serve(kind)) {
      Child.Ended ended = child.ended(Limits.START);
      assertThat(ended.code()).as(ended.stderr()).isEqualTo(5);
      assertThat(ended.stderr()).contains("error[SL302]", reason).doesNotContain("\tat ");
    }
  }
}
