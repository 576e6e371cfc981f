package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.OtherwiseInUvicorn;
import dev.sluice.conformance.harness.Server;
import dev.sluice.conformance.harness.WebSocketClient;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Waiting that is given up, or goes on beyond the end, and what leaves while the loop is busy. */
class AsgiWaitTest {
  private static final int PIECES = 1_500;

  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.asgi("waiting_app:app").options("--limit-request-line", "8K").start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** About as long as the application waits, so that each end of the wait is met by a message. */
  private static void pause(int n) {
    LockSupport.parkNanos(700_000 + n % 7 * 100_000L);
  }

  @Test
  void aReceiveThatIsGivenUpLosesNothingOfABody() {
    try (Connection connection = server.connect()) {
      connection.request("POST /upload HTTP/1.1", "Transfer-Encoding: chunked");
      for (int n = 0; n < PIECES; n++) {
        connection.send("a\r\n0123456789\r\n");
        pause(n);
      }
      connection.send("0\r\n\r\n").read().expectWhole(Integer.toString(PIECES * 10));
    }
  }

  @Test
  void norAMessageOfAWebSocket() {
    try (WebSocketClient opened = WebSocketClient.open(server, "/counts")) {
      for (int n = 0; n < PIECES; n++) {
        opened.send(Integer.toString(n));
        pause(n);
      }
      assertThat(opened.next()).isEqualTo("text 500");
      assertThat(opened.next()).isEqualTo("text 1000");
      assertThat(opened.next()).isEqualTo("text 1500");
    }
  }

  @Test
  void whoListensBeyondTheEndHearsOfIt() {
    server.ask("/listens").expectWhole("listening");
    server.ask("/heard").expectWhole("http.disconnect http.disconnect");
  }

  @Test
  void soItIsWithWebSockets() {
    try (WebSocketClient opened = WebSocketClient.open(server, "/leaves")) {
      assertThat(opened.next()).startsWith("close 1000");
    }
    server.ask("/heard").expectWhole("websocket.disconnect websocket.disconnect");
  }

  @Test
  @OtherwiseInUvicorn("sends in the task's first step, which a cancellation comes before")
  void aSendThatIsCancelledSaysSo() {
    assertThat(server.ask("/cancels").text()).endsWith("cancelled");
  }

  @Test
  void aPieceLeavesBeforeTheLoopIsBusy() {
    try (Connection connection = server.connect();
        Gate gate = new Gate()) {
      connection.get("/streams?gate=" + gate.port());
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("busy");
        connection.expectFirstChunk("first");
      }
      connection.expectLastChunk("third");
    }
  }

  @Test
  void soDoesAWholeAnswer() {
    try (Connection connection = server.connect();
        Gate gate = new Gate()) {
      connection.get("/works?gate=" + gate.port());
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("busy");
        connection.read().expectWhole("answered");
      }
    }
  }

  @Test
  void soDoMessagesOfAWebSocket() {
    try (Gate gate = new Gate();
        WebSocketClient opened = WebSocketClient.open(server, "/progress?gate=" + gate.port())) {
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("busy");
        assertThat(opened.next()).isEqualTo("text working");
        assertThat(opened.next()).isEqualTo("text still");
      }
      assertThat(opened.next()).isEqualTo("text done");
    }
  }

  @Test
  void messagesOfADenialAreForWebSockets() {
    assertThat(server.ask("/denies").status()).isEqualTo(500);
    server.child().stderr().await("was sent for a request that is no WebSocket");
  }

  @ParameterizedTest
  @CsvSource({"/one?alice,nobody alice", "/two,nobody nobody", "/three?bob,nobody bob"})
  void aPlainFunctionHasTheRequestsContextToo(String target, String expected) {
    try (Server other = Server.asgi("waiting_app:middleware").start()) {
      other.ask("/zero?carol").expectWhole("nobody carol");
      other.ask(target).expectWhole(expected);
    }
  }

  @Test
  void methodsThatNobodyKnowsAreNotKept() {
    askWithMethods(4_000, false);
    long before = server.child().residentKilobytes();
    askWithMethods(10_000, true);
    // They would be 40 MB; a server that has just begun grows by up to 9 MB without them.
    assertThat(server.child().residentKilobytes() - before).as("kB").isLessThan(20_000);
  }

  /** Methods of 4 kB each. */
  private static void askWithMethods(int count, boolean different) {
    try (Connection connection = server.connect()) {
      for (int n = 0; n < count; n++) {
        String method = "M".repeat(4_000) + (different ? "%05d".formatted(n) : "00000");
        connection.request(method + " /method HTTP/1.1").read().expectWhole("4005");
      }
    }
  }
}
