package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Response.Framing;
import dev.sluice.conformance.harness.Server;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Serving hello world and a little more: what HTTP/1.1 promises about connections and bodies. */
class ServeHelloTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.start("http_app:app");
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log()).doesNotContain("Traceback", "Exception", "\tat ");
  }

  @Test
  void theExampleIsServedAndTheBannerSaysWhatOnWhichPythonAndWhere() {
    try (Server hello = Server.of("hello:app").appDir(Project.EXAMPLES.resolve("wsgi")).start()) {
      Matcher banner = Server.BANNER.matcher(hello.banner());
      assertThat(banner.matches()).as(hello.banner()).isTrue();
      assertThat(banner.group(2)).isEqualTo("hello:app");
      assertThat(banner.group(3)).matches("CPython 3\\.14\\.\\d+ \\(embedded\\)");
      assertThat(banner.group(4)).isEqualTo("http://127.0.0.1:" + hello.port());

      try (Connection connection = hello.connect()) {
        Response response = connection.get("/").read();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.reason()).isEqualTo("OK");
        assertThat(response.text()).isEqualTo("Hello, World!");
        assertThat(response.header("Content-Type")).isEqualTo("text/plain");
        assertThat(response.header("Content-Length")).isEqualTo("13");
        assertThat(response.header("Date")).matches("\\w{3}, \\d\\d \\w{3} \\d{4} [\\d:]{8} GMT");
      }
      var ended = hello.stop();
      assertThat(ended.code()).isZero();
      assertThat(ended.stdout()).as("one line on stdout").isEqualTo(hello.banner());
      assertThat(ended.stderr()).as("nothing warned about").doesNotContainIgnoringCase("warning");
    }
  }

  @Test
  void anOrdinaryClientIsAnswered() {
    assertThat(server.get("/").body()).isEqualTo("Hello, World!");
    assertThat(server.post("/echo", "r\u00e9sum\u00e9").body()).isEqualTo("r\u00e9sum\u00e9");
  }

  @Test
  void aConnectionIsKeptForManyRequests() {
    try (Connection connection = server.connect()) {
      for (int n = 0; n < 50; n++) {
        assertThat(connection.get("/which?n=" + n).read().text()).isEqualTo(Integer.toString(n));
      }
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrder() {
    var numbers = IntStream.range(0, 200).mapToObj(Integer::toString).toList();
    try (Connection connection = server.connect()) {
      var requests = new StringBuilder();
      numbers.forEach(n -> requests.append("GET /which?n=" + n + " HTTP/1.1\r\nHost: a\r\n\r\n"));
      connection.send(requests.toString());
      List<String> answers = numbers.stream().map(n -> connection.read().text()).toList();
      assertThat(answers).isEqualTo(numbers);
    }
  }

  @Test
  void pipelinedRequestsOfAllKindsKeepTheirOrder() {
    try (Connection connection = server.connect()) {
      connection.send(
          "GET /stream?lines=2 HTTP/1.1\r\nHost: a\r\n\r\n"
              + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
              + "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
              + "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "3\r\nabc\r\n0\r\n\r\n"
              + "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      assertThat(connection.read().text()).isEqualTo("line 0\nline 1\n");
      assertThat(connection.read().text()).isEqualTo("hello");
      assertThat(connection.readHead().status()).isEqualTo(200);
      assertThat(connection.read().text()).isEqualTo("abc");
      assertThat(connection.read().status()).isEqualTo(404);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @Test
  void headGivesTheHeadersOfGetAndNoBody() {
    try (Connection connection = server.connect()) {
      Response head = connection.request("HEAD / HTTP/1.1").readHead();
      assertThat(head.header("Content-Length")).isEqualTo("13");
      assertThat(connection.get("/").read().text()).isEqualTo("Hello, World!");
    }
  }

  @Test
  void headOfAStreamHasNoBodyEither() {
    try (Connection connection = server.connect()) {
      assertThat(connection.request("HEAD /stream HTTP/1.1").readHead().status()).isEqualTo(200);
      assertThat(connection.get("/").read().text()).isEqualTo("Hello, World!");
    }
  }

  @Test
  void http10ClosesAfterOneAnswer() {
    try (Connection connection = server.connect()) {
      Response response = connection.send("GET / HTTP/1.0\r\n\r\n").read();
      assertThat(response.text()).isEqualTo("Hello, World!");
      assertThat(response.header("Connection")).isNotEqualToIgnoringCase("keep-alive");
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @Test
  void http10KeepsTheConnectionWhenAsked() {
    try (Connection connection = server.connect()) {
      for (int n = 0; n < 2; n++) {
        Response response = connection.request("GET / HTTP/1.0", "Connection: keep-alive").read();
        assertThat(response.header("Connection")).isEqualToIgnoringCase("keep-alive");
        assertThat(response.text()).isEqualTo("Hello, World!");
      }
    }
  }

  @Test
  void http10IsNeverAnsweredInChunks() {
    try (Connection connection = server.connect()) {
      Response response =
          connection.request("GET /stream?lines=3 HTTP/1.0", "Connection: keep-alive").read();
      assertThat(response.text()).isEqualTo("line 0\nline 1\nline 2\n");
      assertThat(response.framing()).isNotEqualTo(Framing.CHUNKED);
    }
  }

  @Test
  void connectionCloseIsHonoured() {
    try (Connection connection = server.connect()) {
      Response response = connection.request("GET / HTTP/1.1", "Connection: close").read();
      assertThat(response.header("Connection")).isEqualToIgnoringCase("close");
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "201 Created",
        "302 Found",
        "404 Not Found",
        "418 I'm a teapot",
        "500 Internal Server Error",
        "503 Service Unavailable",
        "599 Of our own"
      })
  void theApplicationsStatusPassesThrough(String line) {
    try (Connection connection = server.connect()) {
      String query = line.replace(" ", "%20").replace("'", "%27");
      Response response = connection.get("/status?line=" + query).read();
      assertThat(response.status() + " " + response.reason()).isEqualTo(line);
      assertThat(response.text()).isEqualTo(line);
      assertThat(connection.get("/").read().status()).as("the connection is kept").isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "REPORT", "m-x!"})
  void theMethodPassesThrough(String method) {
    try (Connection connection = server.connect()) {
      Response response =
          connection.request(method + " /method HTTP/1.1", "Content-Length: 0").read();
      assertThat(response.text()).isEqualTo(method);
    }
  }

  @Test
  void aChunkedBodyReachesTheApplicationWhole() {
    try (Connection connection = server.connect()) {
      connection.request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked");
      connection.send("5\r\nhello\r\n");
      connection.send("1;name=value\r\n,\r\n");
      connection.send("B\r\n wor");
      connection.send("ld,  ok\r\n00\r\nX-Trailer: ignored\r\n\r\n");
      assertThat(connection.read().text()).isEqualTo("hello, world,  ok");
      assertThat(connection.get("/").read().status()).isEqualTo(200);
    }
  }

  @Test
  void aLargeBodyMakesTheWayThereAndBack() {
    String body = "0123456789".repeat(300_000);
    assertThat(server.post("/echo", body).body().equals(body)).isTrue();
    var chunked =
        HttpRequest.newBuilder(server.uri("/echo"))
            .POST(
                HttpRequest.BodyPublishers.fromPublisher(
                    HttpRequest.BodyPublishers.ofString(body)));
    assertThat(server.send(chunked).body().equals(body)).isTrue();
  }

  @Test
  void aBodyThatTheApplicationDoesNotReadIsNotTakenForTheNextRequest() {
    try (Connection connection = server.connect()) {
      String body = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
      connection.request("POST / HTTP/1.1", "Content-Length: " + body.length()).send(body);
      assertThat(connection.read().text()).isEqualTo("Hello, World!");
      assertThat(connection.get("/which?n=next").read().text()).isEqualTo("next");
      assertThat(server.get("/seen").body()).doesNotContain("smuggled");
    }
  }

  @Test
  void expect100ContinueIsAnsweredBeforeTheBodyIsSent() {
    try (Connection connection = server.connect()) {
      connection.request("POST /echo HTTP/1.1", "Content-Length: 5", "Expect: 100-continue");
      assertThat(connection.read().status()).isEqualTo(100);
      assertThat(connection.send("hello").read().text()).isEqualTo("hello");
      assertThat(connection.get("/").read().status()).isEqualTo(200);
    }
  }

  @Test
  void aStreamIsSentInChunksAsItIsMade() {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.get("/steps?gate=" + gate.port());
      try (Gate.Visitor between = gate.await()) {
        assertThat(between.text()).isEqualTo("between");
        connection.expectFirstChunk("first");
      }
    }
  }

  @Test
  void aLargeAnswerArrivesWholeAtASlowReader() {
    try (Connection connection = server.connect()) {
      connection.get("/large?size=20000000");
      assertThat(server.get("/").body()).as("nobody else waits for it").isNotEmpty();
      assertThat(connection.read().text()).hasSize(20_000_000);
    }
  }

  @Test
  void aRequestInManySmallPiecesIsUnderstood() {
    try (Connection connection = server.connect()) {
      String request = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
      request.chars().forEach(c -> connection.send(Character.toString(c)));
      assertThat(connection.read().text()).isEqualTo("abc");
    }
  }

  @Test
  void anEmptyLineBeforeARequestIsIgnoredAndAnAbsoluteTargetIsUnderstood() {
    try (Connection connection = server.connect()) {
      connection.send("\r\nGET http://elsewhere/which?n=1 HTTP/1.1\r\nHost: elsewhere\r\n\r\n");
      assertThat(connection.read().text()).isEqualTo("1");
    }
  }

  @Test
  void manyConnectionsAtOnceAreAllAnswered() {
    var connections = IntStream.range(0, 200).mapToObj(n -> server.connect()).toList();
    try {
      for (int n = 0; n < connections.size(); n++) {
        connections.get(n).get("/which?n=" + n);
      }
      for (int n = 0; n < connections.size(); n++) {
        assertThat(connections.get(n).read().text()).isEqualTo(Integer.toString(n));
      }
    } finally {
      connections.forEach(Connection::close);
    }
  }
}
