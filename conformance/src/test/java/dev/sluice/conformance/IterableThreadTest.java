package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Server;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A running iterable stays on the thread that started it, and a worker whose client has gone is
 * free again: with one Python thread and with several.
 */
class IterableThreadTest {
  private static final int CLIENTS = 8;

  /** Runs the same requests from several clients, and expects this answer to each. */
  private static void expectFromAll(Server server, String path, String answer) throws Exception {
    try (var threads = Executors.newFixedThreadPool(CLIENTS)) {
      var answers = new ArrayList<Future<String>>();
      for (int n = 0; n < CLIENTS * 5; n++) {
        String own = path + "&n=" + n;
        answers.add(
            threads.submit(() -> {
              try (Connection connection = server.connect()) {
                return connection.get(own).read().text();
              }
            }));
      }
      for (Future<String> each : answers) {
        assertThat(each.get(20, TimeUnit.SECONDS)).isEqualTo(answer);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "4"})
  void threadLocalsAndSqliteWorkInsideAnIterable(String workers) throws Exception {
    try (Server server = Server.start("fault_app:app", "--threads", workers)) {
      expectFromAll(server, "/thread_local?x=1", ".".repeat(100));
      expectFromAll(server, "/sqlite?rows=50", ".".repeat(50) + "1225");
      assertThat(server.stopCleanly()).doesNotContain("Traceback", "ProgrammingError");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "2"})
  void aWorkerWhoseClientHasGoneIsFreeAgain(String workers) {
    try (Server server = Server.start("fault_app:app", "--threads", workers);
        Gate gate = new Gate()) {
      String pid = server.get("/alive").body();
      for (String block : new String[] {"65536", "10", "65536"}) {
        Connection connection = server.connect();
        connection.get("/endless?gate=" + gate.port() + "&block=" + block);
        assertThat(connection.skim(1000)).isPositive();
        connection.close();
        assertThat(gate.heard()).isEqualTo("closed");
        assertThat(server.get("/alive").body()).isEqualTo(pid);
      }
      Connection rude = server.connect();
      rude.get("/endless?gate=" + gate.port());
      assertThat(rude.skim(1000)).isPositive();
      rude.reset();
      assertThat(gate.heard()).isEqualTo("closed");
      assertThat(server.stopCleanly())
          .as("a client may go")
          .doesNotContain("Traceback", "Exception");
    }
  }
}
