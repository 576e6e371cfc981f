package dev.sluice.conformance;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Autobahn's fuzzing client, all cases that it has (1 to 10), against an ASGI application that
 * echoes. It is a Python 2 program, which comes out of a jar and is run by Jython in a process of
 * its own. That edition has no cases 12 and 13, of compression: {@code CompressionTest} of the
 * server sees to that.
 */
@Tag("slow")
class AutobahnTest {
  private static final Path FOLDER = Project.TARGET.resolve("autobahn");
  private static final Path SCRIPT = Project.PYTHON.resolve("scripts/fuzz_websockets.py");
  private static final boolean FULL = Project.TIER.equals("full");

  /** Left out unless all is run, for their time: large messages, and those in tiny pieces. */
  private static final List<String> LONG =
      List.of("9.1.5", "9.1.6", "9.2.5", "9.2.6", "9.3.*", "9.5.*", "9.6.1", "9.6.2");

  /** How many cases there are, so that none is lost in silence. */
  private static final int CASES = FULL ? 301 : 280;

  /** NON-STRICT: the protocol leaves it open, such as an echo to the message before a wrong one. */
  private static final Set<String> RIGHT = Set.of("OK", "NON-STRICT", "INFORMATIONAL");

  /** What is said of one case; where more about it stands. */
  private record Result(String name, String behaviour, String atTheEnd, Path report) {
    static Result of(String line) {
      String[] parts = line.substring("case ".length()).split("\t", -1);
      return new Result(parts[0], parts[1], parts[2], FOLDER.resolve(parts[4]));
    }

    boolean isRight() {
      return RIGHT.contains(behaviour) && RIGHT.contains(atTheEnd);
    }

    String whole() {
      try {
        return "%s: %s, in the end %s\n%s"
            .formatted(name, behaviour, atTheEnd, Files.readString(report));
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void everyCaseIsRight() throws IOException {
    Files.createDirectories(FOLDER);
    Files.deleteIfExists(FOLDER.resolve("index.json"));
    try (Server server = Server.asgi("websocket_app:app").start();
        Child fuzzer = fuzz("ws://127.0.0.1:%d/echo".formatted(server.port()))) {
      Child.Ended ended = fuzzer.ended(Duration.ofMinutes(FULL ? 15 : 6));
      assertThat(ended.code()).as(ended.stdout() + ended.stderr()).isZero();
      List<Result> results =
          ended.stdout().lines().filter(line -> line.startsWith("case ")).map(Result::of).toList();
      assertThat(results.stream().filter(result -> !result.isRight()).map(Result::whole)).isEmpty();
      assertThat(results).as(ended.stdout()).hasSize(CASES);
      assertThat(server.stopCleanly()).doesNotContain("ERROR", "Traceback", "\tat ");
    }
  }

  private static Child fuzz(String url) {
    return Child.start(
        FOLDER,
        Map.of(),
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            jarOf("/org/python/util/jython.class") + ":" + jarOf("/autobahntestsuite/wstest.py"),
            "org.python.util.jython",
            SCRIPT.toString(),
            url,
            FOLDER.toString(),
            "*",
            FULL ? "" : String.join(",", LONG)));
  }

  /** The jar of the tests' class path that has a resource. */
  private static Path jarOf(String resource) {
    URL url = requireNonNull(AutobahnTest.class.getResource(resource), resource);
    try {
      return Path.of(((JarURLConnection) url.openConnection()).getJarFileURL().toURI());
    } catch (IOException | URISyntaxException failure) {
      throw new AssertionError(resource + " is in no jar: " + url, failure);
    }
  }
}
