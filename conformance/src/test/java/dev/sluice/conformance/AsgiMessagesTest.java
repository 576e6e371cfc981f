package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.OtherwiseInUvicorn;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Response.Framing;
import dev.sluice.conformance.harness.Server;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ASGI over HTTP when nothing goes wrong: bodies, answers, connections, backpressure. */
class AsgiMessagesTest {
  /** More than sockets and servers keep for a peer that does not read. */
  private static final int MUCH = 64 * 1024 * 1024;

  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.asgi("messages_app:app").start();
  }

  @AfterAll
  static void stop() {
    assertThat(server.stopCleanly()).doesNotContain("Traceback", "\tat ");
  }

  // Bodies of requests

  @Test
  void withoutABodyThereIsOneEmptyMessage() {
    server.ask("/events").expectWhole("http.request bytes False");
  }

  @Test
  void theLastMessageOfABodyIsTheOneWithoutMore() {
    try (Connection connection = server.connect()) {
      connection.request("POST /events HTTP/1.1", "Content-Length: 300000");
      Response response = connection.send(new byte[300_000]).read();
      assertThat(response.text().lines().toList()).last().isEqualTo("http.request bytes False");
      assertThat(response.text()).matches("(http.request bytes True\n)*http.request bytes False");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1000, 65_536, 65_537, 5_000_000})
  void everyByteArrives(int size) throws NoSuchAlgorithmException {
    byte[] body = new byte[size];
    new Random(size).nextBytes(body);
    String wanted =
        size + " " + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    try (Connection connection = server.connect()) {
      connection.request("POST /digest HTTP/1.1", "Content-Length: " + size);
      connection.send(body).read().expectWhole(wanted);
      connection.request("POST /digest HTTP/1.1", "Transfer-Encoding: chunked");
      connection.send(Integer.toHexString(size) + "\r\n").send(body).send("\r\n0\r\n\r\n");
      connection.read().expectWhole(wanted);
    }
  }

  @Test
  void aBodyCanBeAnsweredWhileItArrives() {
    try (Connection connection = server.connect()) {
      connection.request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked");
      connection.send("5\r\nfirst\r\n");
      connection.expectFirstChunk("first");
      connection.send("6\r\nsecond\r\n0\r\n\r\n");
      connection.expectLastChunk("second");
    }
  }

  @Test
  void leaveToSendIsGivenWhenTheApplicationReceives() {
    try (Connection connection = server.connect();
        Gate gate = new Gate()) {
      connection.request(
          "POST /reads_after_the_gate?gate=" + gate.port() + " HTTP/1.1",
          "Content-Length: 4",
          "Expect: 100-continue");
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
        assertThat(connection.hasInput()).as("100 before the application receives").isFalse();
      }
      assertThat(connection.read().status()).isEqualTo(100);
      connection.send("body").read().expectWhole("body");
    }
  }

  @Test
  void leaveIsNotGivenToAnApplicationThatNeverReceives() {
    try (Connection connection = server.connect()) {
      connection.request("POST /never_reads HTTP/1.1", "Content-Length: 4", "Expect: 100-continue");
      connection.read().expectWhole("not read");
    }
  }

  @Test
  @OtherwiseInUvicorn("passes over other expectations")
  void anyOtherExpectationIsRefused() {
    try (Connection connection = server.connect()) {
      connection.request("POST /never_reads HTTP/1.1", "Content-Length: 0", "Expect: wonders");
      assertThat(connection.read().status()).isEqualTo(417);
    }
  }

  @Test
  void aBodyThatNobodyReceivedIsNotTheNextRequest() {
    try (Connection connection = server.connect()) {
      connection.request("POST /never_reads HTTP/1.1", "Content-Length: 22");
      connection.send("GET /alive HTTP/1.1\r\n\r").read().expectWhole("not read");
      connection.get("/alive").read().expectWhole("alive");
    }
  }

  @Test
  void aClientIsHeldBackWhileTheApplicationDoesNotReceive() throws InterruptedException {
    try (Connection connection = server.connect();
        Gate gate = new Gate()) {
      connection.request(
          "POST /reads_a_little?gate=" + gate.port() + " HTTP/1.1", "Content-Length: " + MUCH);
      connection.sendAside(MUCH);
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("True");
        assertThat(sentWhenItStalls(connection)).isLessThan(MUCH);
      }
      connection.read().expectWhole(Integer.toString(MUCH));
    }
  }

  /** How many bytes have been sent aside when for a second no more are. */
  private static long sentWhenItStalls(Connection connection) throws InterruptedException {
    long sent;
    do {
      sent = connection.sentAside();
      Thread.sleep(1000);
    } while (connection.sentAside() > sent);
    return sent;
  }

  // Answers

  @Test
  void aLengthThatIsDeclaredIsTheFraming() {
    Response response = server.ask("/sized?size=25");
    response.expectWhole("0123456789012345678901234");
    assertThat(response.framing()).isEqualTo(Framing.LENGTH);
  }

  @Test
  void withoutOneThereAreChunks() {
    try (Connection connection = server.connect();
        Gate gate = new Gate()) {
      connection.get("/streams?gate=" + gate.port());
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("first");
        connection.expectFirstChunk("first,");
      }
      connection.expectLastChunk("second");
      connection.get("/alive").read().expectWhole("alive");
    }
  }

  @Test
  void anAnswerOfOnePartHasAnEndToo() {
    try (Connection connection = server.connect()) {
      Response response = connection.get("/one_part").read();
      response.expectWhole("one part");
      assertThat(response.framing()).isIn(Framing.LENGTH, Framing.CHUNKED);
      connection.get("/alive").read().expectWhole("alive");
    }
  }

  @Test
  @OtherwiseInUvicorn("chunks, which HTTP/1.0 does not know")
  void http10GetsNoChunks() {
    try (Connection connection = server.connect()) {
      Response response = connection.send("GET /one_part HTTP/1.0\r\n\r\n").read();
      response.expectWhole("one part");
      assertThat(response.framing()).isIn(Framing.LENGTH, Framing.CLOSE);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @Test
  void headersAndBodyMayBeLeftOut() {
    server.ask("/bare").expectWhole("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/sized?size=25", "/one_part", "/bare"})
  void theAnswerToHeadHasNoBody(String target) {
    try (Connection connection = server.connect()) {
      Response response = connection.request("HEAD " + target + " HTTP/1.1").readHead();
      assertThat(response.status()).isEqualTo(200);
      if (target.startsWith("/sized")) {
        assertThat(response.header("Content-Length")).isEqualTo("25");
      }
      connection.get("/alive").read().expectWhole("alive");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 304})
  void anAnswerThatMayHaveNoBodyHasNone(int code) {
    try (Connection connection = server.connect()) {
      Response response = connection.get("/status?code=" + code).read();
      assertThat(response.status()).isEqualTo(code);
      assertThat(response.all("Transfer-Encoding")).isEmpty();
      connection.get("/alive").read().expectWhole("alive");
    }
  }

  @ParameterizedTest
  @CsvSource({"200, OK", "201, Created", "404, Not Found", "418, .*", "299, .*", "599, .*"})
  void aStatusHasItsPhrase(int code, String phrase) {
    Response response = server.ask("/status?code=" + code);
    assertThat(response.status()).isEqualTo(code);
    assertThat(response.reason()).matches(phrase);
  }

  @Test
  void aStatusMayBeOfPythonsEnum() {
    assertThat(server.ask("/enum_status").status()).isEqualTo(202);
  }

  @Test
  void headersGoOutInOrderWithDuplicates() {
    Response response = server.ask("/headers?set=x-b:1|set-cookie:a=1|x-a:2|set-cookie:b=2");
    assertThat(
            response.headers().stream()
                .map(header -> header.name().toLowerCase(Locale.ROOT) + ":" + header.value())
                .filter(header -> header.matches("x-.*|set-.*")))
        .containsExactly("x-b:1", "set-cookie:a=1", "x-a:2", "set-cookie:b=2");
  }

  @Test
  void dateAndServerAreAdded() {
    Response response = server.ask("/bare");
    assertThat(response.header("Date")).matches("\\w{3}, \\d\\d \\w{3} \\d{4} [\\d:]{8} GMT");
    assertThat(response.header("Server")).isNotEmpty();
  }

  @Test
  @OtherwiseInUvicorn("sends its own beside the application's")
  void theApplicationsOwnDateAndServerStand() {
    Response response = server.ask("/headers?set=date:today|server:mine");
    assertThat(response.header("Date")).isEqualTo("today");
    assertThat(response.header("Server")).isEqualTo("mine");
  }

  @Test
  @OtherwiseInUvicorn("sends chunks then")
  void chunksThatTheApplicationDeclaresAreIgnored() {
    Response response = server.ask("/headers?set=transfer-encoding:chunked");
    response.expectWhole("body");
    assertThat(response.framing()).isEqualTo(Framing.LENGTH);
  }

  @Test
  void aSlowReaderMakesSendWait() {
    try (Connection connection = server.connect();
        Gate gate = new Gate()) {
      connection.request("GET /held?gate=" + gate.port() + " HTTP/1.1", "Connection: close");
      assertThat(Integer.parseInt(gate.heard())).isLessThan(512 * 65536);
      Response response = connection.read();
      assertThat(response.complete()).isTrue();
      assertThat(response.text()).hasSize(512 * 65536);
      String last = gate.heard();
      while (!last.equals("all")) {
        last = gate.heard();
      }
    }
  }

  // Connections

  @Test
  void aConnectionIsKept() {
    try (Connection connection = server.connect()) {
      for (int n = 0; n < 5; n++) {
        connection.get("/alive").read().expectWhole("alive");
      }
    }
  }

  @Test
  void aClientMayAskForTheEnd() {
    try (Connection connection = server.connect()) {
      Response response = connection.request("GET /alive HTTP/1.1", "Connection: close").read();
      assertThat(response.header("Connection")).isEqualToIgnoringCase("close");
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @Test
  void soMayTheApplication() {
    try (Connection connection = server.connect()) {
      Response response = connection.get("/headers?set=connection:close").read();
      assertThat(response.header("Connection")).isEqualToIgnoringCase("close");
      assertThat(response.complete()).isTrue();
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @Test
  void requestsThatAreSentAheadAreAnsweredInOrder() {
    try (Connection connection = server.connect();
        Gate gate = new Gate()) {
      connection
          .get("/streams?gate=" + gate.port())
          .get("/sized?size=3")
          .get("/one_part")
          .get("/alive");
      gate.await().close();
      connection.read().expectWhole("first,second");
      connection.read().expectWhole("012");
      connection.read().expectWhole("one part");
      connection.read().expectWhole("alive");
    }
  }

  @Test
  void workGoesOnWhenTheAnswerIsComplete() {
    try (Connection connection = server.connect();
        Gate gate = new Gate()) {
      connection.get("/later?gate=" + gate.port()).read().expectWhole("answered");
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("still here");
        connection.get("/alive").read().expectWhole("alive");
      }
      assertThat(gate.heard()).isEqualTo("done");
    }
  }

  @Test
  void aSideThatSendsNoMoreIsAnswered() {
    try (Connection connection = server.connect()) {
      connection.get("/alive").halfClose().read().expectWhole("alive");
      assertThat(connection.closedByPeer()).isTrue();
    }
  }
}
