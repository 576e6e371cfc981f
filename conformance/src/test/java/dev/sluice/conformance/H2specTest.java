package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * h2spec, all of its cases and the strict ones too, against a running server, with an application
 * of WSGI and of ASGI. Its binary comes out of a jar, which has it for Linux on x86-64 only (and
 * for systems that the tests do not run on).
 */
class H2specTest {
  private static final String RESOURCE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
  private static final Path FOLDER = Project.TARGET.resolve("h2spec");

  /** How long h2spec waits for a frame, in seconds: other tests may run beside it. */
  private static final String PATIENCE = "10";

  @BeforeAll
  static void unpack() throws IOException {
    boolean there =
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64");
    assumeTrue(there, "h2spec has no binary for this platform");
    Files.createDirectories(FOLDER);
    Path archive = FOLDER.resolve("h2spec.tar.gz");
    try (InputStream packed = H2specTest.class.getResourceAsStream(RESOURCE)) {
      assertThat(packed).as(RESOURCE).isNotNull();
      Files.copy(packed, archive, StandardCopyOption.REPLACE_EXISTING);
    }
    Child.run(FOLDER, Map.of(), List.of("tar", "-xzf", archive.toString()));
  }

  /** Applications that h2spec asks: one that reads bodies, and one that answers without. */
  static Stream<Arguments> applications() {
    return Stream.of(
        arguments(Server.of("http_app:app"), "/"),
        arguments(Server.asgi("messages_app:app"), "/digest"),
        // An answer ends a stream whose other half is open: not before all of a case has arrived.
        arguments(Server.asgi("messages_app:app"), "/never_reads?after=0.1"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("applications")
  void everyCasePasses(Server.Builder application, String path) {
    try (Server server = application.start();
        Child h2spec =
            Child.start(
                FOLDER,
                Map.of(),
                List.of(
                    FOLDER.resolve("h2spec").toString(),
                    "--strict",
                    "--timeout",
                    PATIENCE,
                    "--path",
                    path,
                    "--host",
                    "127.0.0.1",
                    "--port",
                    Integer.toString(server.port())))) {
      Child.Ended ended = h2spec.ended(Duration.ofMinutes(5));
      assertThat(ended.stdout()).contains("146 tests, 146 passed, 0 skipped, 0 failed");
      assertThat(ended.code()).isZero();
      assertThat(server.stopCleanly()).doesNotContain("ERROR");
    }
  }
}
