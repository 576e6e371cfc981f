package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is built and unpacked gives its first answer within 1.0 s of its start, without any
 * network. The answer comes over a Unix socket, which also reaches out of a network namespace.
 *
 * <p>That is meant for a machine that has nothing else to do. Between the starts a bare JVM is
 * started, and where that takes longer than it does on an idle machine, so may the first answer.
 */
@Tag("slow")
class StartTest {
  private static final double LIMIT = 1.0;
  private static final double BARE_JVM = 0.06;
  private static final int STARTS = 5;
  private static final int ROUNDS = 3;

  @TempDir private Path directory;

  @Test
  void theFirstAnswerComesWithinASecond() throws IOException {
    assertThat(best("with the network as it is", List.of())).isLessThan(LIMIT);
  }

  @Test
  void alsoWithoutAnyNetwork() throws IOException {
    var isolated = List.of("unshare", "--net", "--map-root-user");
    assumeTrue(works(isolated), "this machine lets no test make a network namespace (unshare)");
    assertThat(best("without any network", isolated)).isLessThan(LIMIT);
  }

  /**
   * The median of some starts, for a machine on which a bare JVM starts in {@link #BARE_JVM} s;
   * measured again when something else kept the machine busy.
   */
  private double best(String how, List<String> prefix) throws IOException {
    seconds(prefix); // builds and unpacks, if that has not been done
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS && best >= LIMIT; round++) {
      double[] times = new double[STARTS];
      double[] bare = new double[STARTS];
      for (int n = 0; n < STARTS; n++) {
        times[n] = seconds(prefix);
        bare[n] = bareJvm();
      }
      Arrays.sort(times);
      Arrays.sort(bare);
      double median = times[STARTS / 2];
      double slowness = Math.max(1, bare[STARTS / 2] / BARE_JVM);
      System.out.printf(
          "First answer, %s: %.3f s, %.1f times a bare JVM (medians of %d starts)%n",
          how, median, median / bare[STARTS / 2], STARTS);
      best = Math.min(best, median / slowness);
    }
    return best;
  }

  private static double bareJvm() {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    long start = System.nanoTime();
    try (Child child =
        Child.start(Project.TARGET, Map.of(), List.of(java.toString(), "-version"))) {
      assertThat(child.ended(Limits.TOOL).code()).isZero();
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static boolean works(List<String> prefix) {
    var probe = new ArrayList<>(prefix);
    probe.add("true");
    try (Child child = Child.start(Project.TARGET, Map.of(), probe)) {
      return child.ended(Limits.TOOL).code() == 0;
    } catch (UncheckedIOException noSuchProgram) {
      return false;
    }
  }

  /** From exec to the first answer. */
  private double seconds(List<String> prefix) throws IOException {
    Path socket = directory.resolve("socket");
    Files.deleteIfExists(socket);
    var command = new ArrayList<>(prefix);
    command.addAll(List.of(Project.LAUNCHER.toString(), "serve", "hello:app"));
    command.addAll(List.of("--app-dir", Project.EXAMPLES.resolve("wsgi").toString()));
    command.addAll(List.of("--bind", "unix:" + socket));
    long start = System.nanoTime();
    try (Child child = Child.start(Project.TARGET, Map.of(), command)) {
      String banner = child.stdout().await(line -> line.startsWith("Sluice "), Limits.START);
      assertThat(banner).contains("unix:" + socket);
      try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(socket));
        try (var connection =
            new Connection(
                Channels.newInputStream(channel), Channels.newOutputStream(channel), channel)) {
          Response response = connection.get("/").read();
          double seconds = (System.nanoTime() - start) / 1e9;
          assertThat(response.text()).isEqualTo("Hello, World!");
          child.signal("TERM");
          assertThat(child.ended(Limits.ANSWER).code()).isZero();
          assertThat(socket).as("the socket's file is removed").doesNotExist();
          return seconds;
        }
      }
    }
  }
}
