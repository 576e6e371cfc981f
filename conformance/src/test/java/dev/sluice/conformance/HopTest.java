package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * 10,000 requests on 8 connections to an application whose logic moves to another thread after
 * every write: no crash, no lock error, no answer of another request.
 */
@Tag("slow")
class HopTest {
  private static final int CONNECTIONS = 8;
  private static final int REQUESTS = 10_000;

  @ParameterizedTest
  @CsvSource({"/write, 1", "/iterable, 1", "/write, 4"})
  void everyAnswerIsRight(String path, String workers) throws Exception {
    try (Server server = Server.start("hop_app:app", "--threads", workers)) {
      try (var clients = Executors.newFixedThreadPool(CONNECTIONS)) {
        var done = new ArrayList<Future<Integer>>();
        for (int n = 0; n < CONNECTIONS; n++) {
          done.add(clients.submit(() -> request(server, path)));
        }
        int answered = 0;
        for (Future<Integer> each : done) {
          answered += each.get(100, TimeUnit.SECONDS);
        }
        assertThat(answered).isEqualTo(REQUESTS);
      }
      assertThat(server.stopCleanly()).doesNotContain("Traceback", "Exception", "Error", "\tat ");
    }
  }

  private static int request(Server server, String path) {
    int answered = 0;
    try (Connection connection = server.connect()) {
      for (int n = 0; n < REQUESTS / CONNECTIONS; n++) {
        Response response = connection.get(path).read();
        if (response.status() != 200 || !response.text().equals("0\n1\n2\n3\n")) {
          throw new AssertionError(response.toString());
        }
        answered++;
      }
    }
    return answered;
  }
}
