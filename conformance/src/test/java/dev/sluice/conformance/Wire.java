package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.util.List;
import org.junit.jupiter.params.provider.Arguments;

/** Rows of the suites that send bytes by hand: what is sent, and what has to come of it. */
final class Wire {
  private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

  private Wire() {}

  /** Lines of a head with their ends, the empty line included. */
  static String head(String... lines) {
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  /** A row: a request that is refused, with 400 unless statuses are given. */
  static Arguments refused(String name, String request, Integer... statuses) {
    return argumentSet(name, request, statuses.length == 0 ? List.of(400) : List.of(statuses));
  }

  /** Expects one refusal, the end of the connection, and that nothing behind it was answered. */
  static void assertRefused(Server server, String request, List<Integer> statuses) {
    try (Connection connection = server.connect()) {
      connection.send(request + SMUGGLED);
      Response response = connection.read();
      assertThat(response.status()).as("%s -> %s", shown(request), response).isIn(statuses);
      assertThat(response.header("Connection")).isEqualToIgnoringCase("close");
      assertThat(response.complete()).isTrue();
      assertThat(connection.closedByPeer()).as("closed without another answer").isTrue();
    }
  }

  /** Stops a server of http_app, which nothing of what was refused may have reached. */
  static void stopUnharmed(Server server) {
    String seen = server.get("/seen").body();
    server.close();
    assertThat(seen).doesNotContain("smuggled", "/refused");
    assertThat(server.log()).doesNotContain("Traceback", "Exception", "\tat ");
  }

  /** Expects that a request is understood and ends where the next one begins. */
  static void assertTaken(Server server, String request, String text) {
    try (Connection connection = server.connect()) {
      connection.send(request + "GET /which?n=next HTTP/1.1\r\nHost: a\r\n\r\n");
      Response response = connection.read();
      assertThat(response.status()).as("%s -> %s", shown(request), response).isEqualTo(200);
      assertThat(response.text()).isEqualTo(text);
      assertThat(connection.read().text()).isEqualTo("next");
    }
  }

  private static String shown(String request) {
    String escaped = request.replace("\r", "\\r").replace("\n", "\\n");
    return escaped.length() > 500 ? escaped.substring(0, 500) + "..." : escaped;
  }
}
