package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Environ;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client sends changes nothing for the next one, and is understood in one way only. */
class HostileRequestsTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.start("validator_apps:app");
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log()).doesNotContain("Traceback", "Exception", "\tat ");
  }

  /** So many headers of names that differ from those of every other round. */
  private static String[] headers(int round, int count) {
    return IntStream.range(0, count)
        .mapToObj(n -> "X-Name-%d-%d: %d".formatted(round, n, n))
        .toArray(String[]::new);
  }

  @Test
  void manyHeaderNamesSpoilNoKnownOne() {
    // A server of its own, whose very first request is the hostile one.
    try (Server own = Server.start("validator_apps:app")) {
      for (int round = 0; round < 12; round++) {
        try (Connection connection = own.connect()) {
          Response response =
              connection.request("GET /environ HTTP/1.1", headers(round, 120)).read();
          assertThat(response.status()).as(response.toString()).isEqualTo(200);
          Environ environ = new Environ(response.text());
          for (int n = 0; n < 120; n++) {
            assertThat(environ.get("HTTP_X_NAME_%d_%d".formatted(round, n)))
                .isEqualTo(Integer.toString(n));
          }
        }
      }
      try (Connection connection = own.connect()) {
        connection.request(
            "POST /environ HTTP/1.1",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Length: 2",
            "Cookie: a=1",
            "X-Other: between",
            "Cookie: b=2",
            "Accept: text/html",
            "Accept: text/plain",
            "Proxy: http://elsewhere/");
        Environ environ = new Environ(connection.send("hi").read().text());
        assertThat(environ.get("CONTENT_TYPE")).isEqualTo("text/plain; charset=utf-8");
        assertThat(environ.get("CONTENT_LENGTH")).isEqualTo("2");
        assertThat(environ.get("HTTP_COOKIE")).isEqualTo("a=1; b=2");
        assertThat(environ.get("HTTP_ACCEPT")).matches("text/html, ?text/plain");
        assertThat(environ.get("HTTP_X_OTHER")).isEqualTo("between");
        assertThat(environ.keys())
            .doesNotContain("HTTP_PROXY", "HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH")
            .noneMatch(key -> key.startsWith("HTTP_X_NAME"));
      }
    }
  }

  /** Mod_wsgi's CVE-2014-0242: what one thread reads is never another's. */
  @Test
  void requestsAtTheSameTimeShareNothing() throws Exception {
    try (Server own = Server.start("validator_apps:app", "--threads", "8");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var clients = new ArrayList<Future<?>>();
      for (int client = 0; client < 16; client++) {
        String name = "client-" + client;
        clients.add(threads.submit(() -> askForOwn(own, name)));
      }
      for (Future<?> each : clients) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
  }

  private static void askForOwn(Server own, String name) {
    try (Connection connection = own.connect()) {
      for (int n = 0; n < 40; n++) {
        String mark = name + "-" + n;
        connection.request(
            "POST /environ?q=" + mark + " HTTP/1.1",
            "Content-Type: text/" + mark,
            "X-Mark: " + mark,
            "Content-Length: 2");
        Environ environ = new Environ(connection.send("hi").read().text());
        assertThat(environ.get("QUERY_STRING")).isEqualTo("q=" + mark);
        assertThat(environ.get("CONTENT_TYPE")).isEqualTo("text/" + mark);
        assertThat(environ.get("HTTP_X_MARK")).isEqualTo(mark);
      }
    }
  }

  @Test
  void moreHeadersThanTheLimitAreRefused() {
    try (Connection connection = server.connect()) {
      assertThat(connection.request("GET /single HTTP/1.1", headers(0, 127)).read().status())
          .as("with Host, these are 128")
          .isEqualTo(200);
      Response response = connection.request("GET /single HTTP/1.1", headers(0, 128)).read();
      assertThat(response.status()).as(response.toString()).isEqualTo(431);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @Test
  void aTargetWithoutAPathAsksForTheRoot() {
    try (Server own = Server.start("hostile_app:app");
        Connection connection = own.connect()) {
      Response response = connection.request("GET http://127.0.0.1?x=1 HTTP/1.1").read();
      assertThat(response.text()).isEqualTo("/ x=1");
      response = connection.request("GET http://127.0.0.1 HTTP/1.1").read();
      assertThat(response.text()).isEqualTo("/ ");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET http://elsewhere/ HTTP/1.1",
        "GET http://elsewhere HTTP/1.1",
        "GET http://127.0.0.1:81/ HTTP/1.1",
        "GET http://127.0.0.1.elsewhere/ HTTP/1.1",
        "GET http://127.0.0.1@elsewhere/ HTTP/1.1",
        "GET / HTTp/1.1",
        "GET / http/1.1",
      })
  void whatTwoReadersMayTakeForDifferentThingsIsRefused(String requestLine) {
    try (Connection connection = server.connect()) {
      Response response = connection.request(requestLine).read();
      assertThat(response.status()).as(response.toString()).isEqualTo(400);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @Test
  void anAnswerWithoutABodyDeclaresNone() {
    try (Server own = Server.start("hostile_app:app");
        Connection connection = own.connect()) {
      Response response = connection.get("/no_content").read();
      assertThat(response.status()).isEqualTo(204);
      assertThat(response.header("Content-Length")).isEmpty();
      assertThat(response.header("Transfer-Encoding")).isEmpty();
      assertThat(connection.get("/alive").read().text()).isEqualTo("alive");
    }
  }
}
