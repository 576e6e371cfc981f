package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Environ;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Serving at a path: what stands there already is taken over only when it is a dead socket. */
class UnixSocketTest {
  @TempDir private Path directory;

  private static Child serve(Path path) {
    var arguments = List.of("serve", "validator_apps:app", "--bind", "unix:" + path);
    return Child.sluice(Project.TARGET, environment(), arguments);
  }

  private static Map<String, String> environment() {
    return Map.of("SLUICE_APP_DIR", Project.PYTHON.toString());
  }

  private static void awaitBanner(Child child) {
    child.stdout().await(line -> line.startsWith("Sluice "), Limits.START);
  }

  private static Environ environ(Path path) throws IOException {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      try (var connection =
          new Connection(
              Channels.newInputStream(channel), Channels.newOutputStream(channel), channel)) {
        return new Environ(connection.get("/environ").read().text());
      }
    }
  }

  private static void assertRefused(Path path) {
    try (Child child = serve(path)) {
      Child.Ended ended = child.ended(Limits.START);
      assertThat(ended.code()).as(ended.stderr()).isEqualTo(5);
      assertThat(ended.stderr()).contains("error[SL302]", path.toString()).doesNotContain("\tat ");
    }
  }

  @Test
  void itsPermissionsAreThoseThatAreAskedFor() throws IOException {
    Path path = directory.resolve("socket");
    var arguments =
        List.of("serve", "validator_apps:app", "--bind", "unix:" + path, "--unix-mode", "620");
    try (Child child = Child.sluice(Project.TARGET, environment(), arguments)) {
      awaitBanner(child);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw--w----");
      assertThat(environ(path).get("REQUEST_METHOD")).isEqualTo("GET");
    }
  }

  @Test
  void anOrdinaryFileIsLeftAlone() throws IOException {
    Path file = Files.writeString(directory.resolve("precious"), "content");
    assertRefused(file);
    assertThat(file).isRegularFile().hasContent("content");
  }

  @Test
  void aFolderIsLeftAlone() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("folder"));
    assertRefused(folder);
    assertThat(folder).isDirectory();
  }

  @Test
  void aLinkToAFileIsLeftAlone() throws IOException {
    Path file = Files.writeString(directory.resolve("precious"), "content");
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    assertRefused(link);
    assertThat(link).isSymbolicLink();
    assertThat(file).hasContent("content");
  }

  @Test
  void theSocketOfAServerThatIsGoneIsTakenOver() throws IOException {
    Path path = directory.resolve("socket");
    try (var stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      stale.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();
    try (Child child = serve(path)) {
      awaitBanner(child);
      assertThat(environ(path).get("REQUEST_METHOD")).isEqualTo("GET");
      child.signal("TERM");
      assertThat(child.ended(Limits.ANSWER).code()).isZero();
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void theSocketOfAServerThatListensIsNot() throws IOException {
    Path path = directory.resolve("socket");
    try (Child first = serve(path)) {
      awaitBanner(first);
      assertRefused(path);
      Environ environ = environ(path);
      assertThat(environ.get("SERVER_NAME")).isNotEmpty();
      assertThat(environ.get("SERVER_PORT")).isNotEmpty();
      first.signal("TERM");
      Child.Ended ended = first.ended(Limits.ANSWER);
      assertThat(ended.code()).isZero();
      assertThat(ended.stderr()).doesNotContain("Traceback", "AssertionError");
    }
  }
}
