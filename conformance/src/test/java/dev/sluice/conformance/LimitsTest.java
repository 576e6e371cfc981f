package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every queue and every buffer has a bound: what lies past it is refused with the right status. */
class LimitsTest {
  private static final int BODY = 100_000;

  private static Server server;

  @BeforeAll
  static void serve() {
    server =
        Server.of("http_app:app")
            .options("--limit-queue", "2", "--threads", "1")
            .options("--limit-request-body", Integer.toString(BODY))
            .options("--limit-request-line", "2000", "--limit-header-bytes", "4000")
            .options("--timeout-keep-alive", "1")
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log()).doesNotContain("Traceback", "Exception", "\tat ");
  }

  private static void assertRefused(Connection connection, int status) {
    Response response = connection.read();
    assertThat(response.status()).as(response.toString()).isEqualTo(status);
    assertThat(response.header("Connection")).isEqualToIgnoringCase("close");
    assertThat(connection.closedByPeer()).as("closed").isTrue();
  }

  @Test
  void aBodyOfTheLimitIsTakenAndOneByteMoreIsNot() {
    assertThat(server.post("/echo", "x".repeat(BODY)).body()).hasSize(BODY);
    try (Connection connection = server.connect()) {
      connection.request("POST /echo HTTP/1.1", "Content-Length: " + (BODY + 1));
      assertRefused(connection, 413);
    }
  }

  @Test
  void aBodyPastTheLimitIsRefusedBeforeItIsAskedFor() {
    try (Connection connection = server.connect()) {
      connection.request(
          "POST /echo HTTP/1.1", "Expect: 100-continue", "Content-Length: 999999999999");
      assertThat(connection.read().status()).isEqualTo(413);
    }
  }

  @Test
  void chunksPastTheLimitAreRefused() {
    try (Connection connection = server.connect()) {
      connection.request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked");
      for (int sent = 0; sent < BODY; sent += 10_000) {
        connection.send("2710\r\n" + "x".repeat(10_000) + "\r\n");
      }
      connection.send("1\r\nx");
      assertRefused(connection, 413);
    }
  }

  @Test
  void chunksOfTheLimitAreTaken() {
    try (Connection connection = server.connect()) {
      connection.request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked");
      for (int sent = 0; sent < BODY; sent += 10_000) {
        connection.send("2710\r\n" + "x".repeat(10_000) + "\r\n");
      }
      assertThat(connection.send("0\r\n\r\n").read().text()).hasSize(BODY);
    }
  }

  @Test
  void aClientThatSendsItsLargeBodyBeforeItReadsStillSeesTheRefusal() {
    try (Connection connection = server.connect()) {
      connection.request("POST /echo HTTP/1.1", "Content-Length: 2000000");
      connection.send("x".repeat(2_000_000));
      assertThat(connection.read().status()).isEqualTo(413);
    }
  }

  @Test
  void aRequestLinePastTheLimitIsRefused() {
    try (Connection connection = server.connect()) {
      assertThat(connection.get("/path/" + "x".repeat(1900)).read().status()).isEqualTo(200);
      connection.get("/path/" + "x".repeat(2000));
      assertRefused(connection, 414);
    }
  }

  @Test
  void aRequestLineWithoutAnEndIsRefused() {
    try (Connection connection = server.connect()) {
      connection.send("GET /" + "x".repeat(2500));
      assertRefused(connection, 414);
    }
  }

  @Test
  void oneHeaderPastTheLimitIsRefused() {
    try (Connection connection = server.connect()) {
      assertThat(connection.request("GET / HTTP/1.1", "X: " + "x".repeat(3800)).read().status())
          .isEqualTo(200);
      connection.request("GET / HTTP/1.1", "X: " + "x".repeat(4100));
      assertRefused(connection, 431);
    }
  }

  @Test
  void manyHeadersPastTheLimitAreRefused() {
    try (Connection connection = server.connect()) {
      connection.send("GET / HTTP/1.1\r\nHost: a\r\n" + "X-Many: 0123456789\r\n".repeat(250));
      assertRefused(connection, 431);
    }
  }

  @Test
  void trailersPastTheLimitAreRefused() {
    try (Connection connection = server.connect()) {
      connection.request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked");
      connection.send("0\r\n" + "X-Many: 0123456789\r\n".repeat(250));
      Response response = connection.read();
      assertThat(response.status()).isIn(400, 431);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @Test
  void anIdleConnectionIsClosedAfterItsTime() {
    try (Connection connection = server.connect()) {
      assertThat(connection.get("/").read().status()).isEqualTo(200);
      long start = System.nanoTime();
      assertThat(connection.closedByPeer()).isTrue();
      assertThat((System.nanoTime() - start) / 1e9).isBetween(0.5, 5.0);
    }
  }

  @Test
  void aRequestThatWaitsForPythonIsNotIdle() throws InterruptedException {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.get("/gate?gate=" + gate.port());
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
        // Longer than the keep-alive timeout: that time is the subject, not a hope.
        Thread.sleep(2000);
      }
      assertThat(connection.read().text()).isEqualTo("through the gate");
    }
  }

  @Test
  void aFullQueueIsAnsweredWith503AndTheRestIsServedInTheEnd() throws Exception {
    int clients = 8;
    int places = 2;
    var refused = new CountDownLatch(clients - places);
    try (Gate gate = new Gate();
        Connection first = server.connect();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers = new ArrayList<Future<Response>>();
      first.get("/gate?gate=" + gate.port());
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
        for (int n = 0; n < clients; n++) {
          String path = "/which?n=" + n;
          answers.add(
              threads.submit(() -> {
                try (Connection connection = server.connect()) {
                  Response response = connection.get(path).read();
                  refused.countDown();
                  return response;
                }
              }));
        }
        // Two find a place in the queue: all others are refused while Python is still blocked.
        assertThat(refused.await(10, TimeUnit.SECONDS)).as("six refused at once").isTrue();
        assertThat(answers.stream().filter(Future::isDone).map(Future::resultNow))
            .extracting(Response::status)
            .containsOnly(503);
      }
      assertThat(first.read().text()).isEqualTo("through the gate");
      var statuses = new ArrayList<Integer>();
      for (Future<Response> answer : answers) {
        statuses.add(answer.get(20, TimeUnit.SECONDS).status());
      }
      assertThat(statuses).containsOnly(200, 503);
      assertThat(statuses.stream().filter(status -> status == 200)).hasSize(places);
      assertThat(server.get("/").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void pipelinedRequestsPastTheQueueAreAnsweredInOrderToo() {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.get("/gate?gate=" + gate.port());
      for (int n = 0; n < 8; n++) {
        connection.get("/which?n=" + n);
      }
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
      }
      assertThat(connection.read().text()).isEqualTo("through the gate");
      Response next = connection.read();
      assertThat(next.status()).isIn(200, 503);
      if (next.status() == 200) {
        assertThat(next.text()).isEqualTo("0");
      }
    }
  }
}
