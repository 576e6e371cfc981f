package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Microthreads;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGINT and SIGTERM stop the server within 2 s; a second one at once. */
class ShutdownTest {
  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalLetsTheRequestInFlightFinish(String signal) {
    try (Server server = Server.start("http_app:app");
        Gate gate = new Gate();
        Connection busy = server.connect();
        Connection idle = server.connect()) {
      assertThat(idle.get("/").read().status()).isEqualTo(200);
      busy.get("/gate?gate=" + gate.port());
      long start;
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
        start = System.nanoTime();
        server.child().signal(signal);
        assertThat(idle.closedByPeer()).as("an idle connection is closed").isTrue();
        awaitRefusal(server);
      }
      Response response = busy.read();
      assertThat(response.text()).isEqualTo("through the gate");
      assertThat(response.header("Connection")).isEqualToIgnoringCase("close");
      assertThat(busy.closedByPeer()).isTrue();
      assertEnds(server, start, 0);
    }
  }

  /** A server is not ready while its queue is full: the request that waits has been seen. */
  private static void awaitFullQueue(Server server) {
    int status = 200;
    for (int i = 0; i < 500 && status == 200; i++) {
      try (Connection admin = Connection.to(server.adminPort())) {
        status = admin.get("/-/ready").read().status();
      }
    }
    assertThat(status).as("the queue is full").isEqualTo(503);
  }

  @Test
  void theRequestsThatWaitForPythonAreAnsweredToo() {
    Microthreads.doNotApply("--threads is no limit, so that none waits");
    String[] options = {"--threads", "1", "--limit-queue", "1", "--admin", "127.0.0.1:0"};
    try (Server server = Server.start("http_app:app", options);
        Gate gate = new Gate();
        Connection busy = server.connect();
        Connection waiting = server.connect()) {
      busy.get("/gate?gate=" + gate.port());
      long start;
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
        waiting.request("POST /echo HTTP/1.1", "Content-Length: 2").send("hi");
        awaitFullQueue(server);
        start = System.nanoTime();
        server.child().signal("TERM");
        awaitRefusal(server);
      }
      assertThat(busy.read().text()).isEqualTo("through the gate");
      assertThat(waiting.read().text()).isEqualTo("hi");
      assertEnds(server, start, 0);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"/sleep", "/spin", "/regex"})
  void aRequestThatNeverEndsDoesNotKeepTheServer(String path) {
    Microthreads.doNotApply(
        "no thread of its own holds it up: the log of stalls says who computes");
    try (Server server = Server.start("http_app:app");
        Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.get(path + "?gate=" + gate.port());
      assertThat(gate.heard()).isEqualTo("in");
      long start = System.nanoTime();
      server.child().signal("TERM");
      Child.Ended ended = assertEnds(server, start, 0);
      assertThat(ended.stderr())
          .as("who held it up")
          .containsPattern(
              "the application had in hand GET %s\\?gate=\\d+ \\(request \\d+, \\d\\.\\d s\\) in sluice-py"
                  .formatted(path));
    }
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130"})
  void aSecondSignalEndsItAtOnce(String signal, int code) {
    try (Server server = Server.start("http_app:app", "--timeout-drain", "60");
        Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.get("/gate?gate=" + gate.port());
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
        server.child().signal(signal);
        awaitRefusal(server);
        long start = System.nanoTime();
        server.child().signal(signal);
        assertEnds(server, start, code);
      }
    }
  }

  @Test
  void aServerWithNothingToDoStopsAtOnce() {
    try (Server server = Server.start("http_app:app", "--timeout-drain", "60")) {
      assertThat(server.get("/").statusCode()).isEqualTo(200);
      long start = System.nanoTime();
      server.child().signal("TERM");
      assertEnds(server, start, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void anApplicationsOwnSignalHandlersDoNotKeepTheServer(String signal) {
    try (Server server = Server.start("signals_app:app")) {
      assertThat(server.get("/").body()).isEqualTo("still here");
      long start = System.nanoTime();
      server.child().signal(signal);
      assertEnds(server, start, 0);
    }
  }

  /** Waits until the server takes no new connection. */
  private static void awaitRefusal(Server server) {
    long end = System.nanoTime() + Limits.ANSWER.toNanos();
    while (System.nanoTime() < end) {
      // One that slips in is idle, and closed when the server begins to drain.
      try (Connection late = server.connect()) {
        assertThat(late.closedByPeer()).isTrue();
      } catch (UncheckedIOException refused) {
        return;
      }
    }
    throw new AssertionError("the server still takes connections; log:\n" + server.log());
  }

  private static Child.Ended assertEnds(Server server, long start, int code) {
    Child.Ended ended = server.child().ended(Limits.ANSWER);
    var took = Duration.ofNanos(System.nanoTime() - start);
    assertThat(ended.code()).as("exit code; log:\n%s", ended.stderr()).isEqualTo(code);
    assertThat(took).as("log:\n%s", ended.stderr()).isLessThan(Limits.STOP);
    assertThat(ended.stderr()).doesNotContain("\tat ", "Fatal Python error", "SIGSEGV");
    return ended;
  }
}
