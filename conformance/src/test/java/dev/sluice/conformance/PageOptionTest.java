package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Project;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The options --dashboard and --stall-threshold; what the page shows is PageTest's. */
@Tag("slow")
class PageOptionTest {
  private static final Path PROGRAMS = Project.PYTHON.resolve("guard/programs");
  private static final String SLEEPS = PROGRAMS.resolve("sleeps_on_a_loop.py").toString();
  private static final String STANDS_STILL = PROGRAMS.resolve("stands_still.py").toString();

  private static Child.Ended run(Map<String, String> environment, String... arguments) {
    return Child.runSluice(Project.TARGET, environment, arguments);
  }

  @Test
  void thePageBringsAGuardThatReports() {
    Child.Ended ended = run(Map.of("SLUICE_DASHBOARD", "127.0.0.1:0"), "run", SLEEPS);
    assertThat(ended.code()).as(ended.stderr()).isZero();
    assertThat(ended.stdout()).isEqualTo("slept");
    assertThat(ended.stderr())
        .containsPattern("Dashboard at http://127\\.0\\.0\\.1:[1-9]\\d*/\n")
        .contains("time.sleep has blocked the loop");
  }

  @Test
  void aGuardThatIsAskedForStays() {
    Child.Ended off = run(Map.of(), "run", "--dashboard=127.0.0.1:0", "--guard=off", SLEEPS);
    assertThat(off.stderr()).contains("Dashboard at ").doesNotContain("has blocked");
    Child.Ended raise = run(Map.of(), "run", "--dashboard=127.0.0.1:0", "--guard=raise", SLEEPS);
    assertThat(raise.code()).isEqualTo(1);
    assertThat(raise.stderr()).contains("SL180");
  }

  @Test
  void whereOthersReachItATokenIsInTheUrl() {
    Child.Ended ended = run(Map.of(), "run", "--dashboard", "0.0.0.0:0", SLEEPS);
    assertThat(ended.stderr()).containsPattern("Dashboard at http://\\S+/\\?token=[0-9a-f]{48}\n");
  }

  @Test
  void behindAProxyTheUrlIsTheProxys() {
    Child.Ended ended =
        run(
            Map.of(),
            "run",
            "--dashboard=127.0.0.1:0",
            "--dashboard-origin=HTTPS://Blocks.example.com:443/",
            SLEEPS);
    assertThat(ended.stderr())
        .containsPattern("Dashboard at https://blocks\\.example\\.com/\\?token=[0-9a-f]{48}\n");
    for (String bad : new String[] {"blocks.example.com", "https://", "https://a/b", "ftp://a"}) {
      Child.Ended refused =
          run(Map.of(), "run", "--dashboard=127.0.0.1:0", "--dashboard-origin=" + bad, SLEEPS);
      assertThat(refused.code()).as(bad).isEqualTo(2);
      assertThat(refused.stderr()).contains("SL402", "--dashboard-origin=" + bad);
    }
  }

  @Test
  void anAddressThatIsTakenIsAnErrorWithTheCodeOfThose() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Child.Ended ended =
          run(Map.of(), "run", "--dashboard", "127.0.0.1:" + taken.getLocalPort(), SLEEPS);
      assertThat(ended.code()).isEqualTo(5);
      assertThat(ended.stderr()).contains("SL302", "--dashboard").doesNotContain("--bind");
      assertThat(ended.stdout()).isEmpty();
    }
  }

  @Test
  void itHasAHostAndAPort() {
    Child.Ended socket = run(Map.of(), "run", "--dashboard=unix:/tmp/page", SLEEPS);
    assertThat(socket.code()).isEqualTo(2);
    assertThat(socket.stderr()).contains("SL402", "--dashboard=127.0.0.1:8001");
    assertThat(run(Map.of(), "run", "--dashboard=nowhere", SLEEPS).code()).isEqualTo(2);
  }

  @Test
  void aStallIsLoggedWithItsStack() {
    Child.Ended ended = run(Map.of(), "run", "--guard=report", STANDS_STILL);
    assertThat(ended.stdout()).isEqualTo("over");
    assertThat(ended.stderr())
        .containsPattern("the loop of \\S+ has stood still for \\d+\\.\\d+ s")
        .containsPattern("stands_still\\.py\", line \\d+, in main");
  }

  @Test
  void nobodyLooksWithoutAThreshold() {
    Child.Ended ended = run(Map.of(), "run", "--guard=report", "--stall-threshold=0", STANDS_STILL);
    assertThat(ended.stdout()).isEqualTo("over");
    assertThat(ended.stderr()).doesNotContain("has stood still");
    Child.Ended none = run(Map.of(), "run", STANDS_STILL);
    assertThat(none.stderr()).doesNotContain("has stood still");
  }
}
