package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that are large, slow, waited for, not wanted or broken off. */
class BodyOnItsWayTest {
  private static final String EXPECT = "Expect: 100-continue";
  private static final long MUCH = 400_000_000;

  @TempDir private static Path temporary;
  private static Server streaming;
  private static Server spooling;

  @BeforeAll
  static void serve() {
    streaming =
        Server.of("streams_app:app")
            .options("--request-body", "stream", "--threads", "2")
            .options("--limit-body-in-memory", "256K")
            .start();
    spooling =
        Server.of("streams_app:app")
            .options("--limit-body-in-memory", "256K")
            .environment("SLUICE_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary)
            .start();
  }

  @AfterAll
  static void stop() {
    streaming.close();
    spooling.close();
    assertThat(streaming.log() + spooling.log()).doesNotContain("\tat ");
  }

  // Leave to send a body

  @Test
  void leaveIsGivenWhenTheBodyIsRead() {
    try (Gate gate = new Gate();
        Connection connection = streaming.connect()) {
      connection.request(
          "POST /late?gate=" + gate.port() + " HTTP/1.1", "Content-Length: 5", EXPECT);
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("called");
        assertThat(connection.hasInput()).as("not before").isFalse();
      }
      assertThat(connection.read().status()).isEqualTo(100);
      assertThat(connection.send("hello").read().text()).as("and once").isEqualTo("5");
      assertThat(connection.get("/alive").read().text()).isEqualTo("alive");
    }
  }

  @Test
  void leaveIsNeverGivenForABodyThatNobodyReads() {
    try (Connection connection = streaming.connect()) {
      connection.request("POST /ignore HTTP/1.1", "Content-Length: 5", EXPECT);
      Response response = connection.read();
      assertThat(response.text()).isEqualTo("not read");
      assertThat(response.header("Connection")).as("the body may come").isEqualTo("close");
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 0", "X-No: body"})
  void leaveIsNotGivenWhereThereIsNoBody(String header) {
    try (Connection connection = streaming.connect()) {
      assertThat(connection.request("POST /size HTTP/1.1", header, EXPECT).read().text())
          .isEqualTo("0");
      assertThat(connection.get("/alive").read().text()).isEqualTo("alive");
    }
  }

  @Test
  void leaveIsNotGivenInHttp10() {
    try (Connection connection = streaming.connect()) {
      connection.request("POST /size HTTP/1.0", "Content-Length: 5", EXPECT).send("hello");
      assertThat(connection.read().text()).isEqualTo("5");
    }
  }

  @Test
  void leaveIsNotNeededByWhoDoesNotWaitForIt() {
    try (Connection connection = streaming.connect()) {
      connection.request("POST /size HTTP/1.1", "Content-Length: 5", EXPECT).send("hello");
      Response response = connection.read();
      if (response.status() == 100) {
        response = connection.read();
      }
      assertThat(response.text()).isEqualTo("5");
      assertThat(connection.get("/alive").read().text()).isEqualTo("alive");
    }
  }

  @Test
  void leaveIsNotGivenBeforeARefusal() {
    try (Connection connection = streaming.connect()) {
      connection.request("POST /size HTTP/1.1", "Content-Length: 99999999999", EXPECT);
      assertThat(connection.read().status()).isEqualTo(413);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  /** There it would be taken for a part of the answer. */
  @Test
  void leaveIsNotGivenInTheMiddleOfAnAnswer() {
    try (Connection connection = streaming.connect()) {
      connection.request("POST /early HTTP/1.1", "Content-Length: 5", EXPECT);
      connection.expectFirstChunk("begun ");
      connection.send("hello").expectLastChunk("5");
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  // More than fits

  /** What is not read by the application is not read from the client. */
  @Test
  void aStreamThatNobodyReadsIsHeldBack() throws InterruptedException {
    try (Gate gate = new Gate();
        Connection connection = streaming.connect()) {
      long before = streaming.child().residentKilobytes();
      connection.request("POST /late?gate=" + gate.port() + " HTTP/1.1", "Content-Length: " + MUCH);
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("called");
        connection.sendAside(MUCH);
        Thread.sleep(1500);
        assertThat(connection.sentAside()).as("bytes on their way").isLessThan(50_000_000);
        assertThat(streaming.child().residentKilobytes() - before).as("KB").isLessThan(100_000);
      }
      assertThat(connection.read().text()).isEqualTo(Long.toString(MUCH));
      assertThat(streaming.child().residentKilobytes() - before).as("KB").isLessThan(150_000);
    }
  }

  @Test
  void aSpooledBodyIsInAFileAndNotInMemory() throws IOException {
    try (Gate gate = new Gate();
        Connection connection = spooling.connect()) {
      long before = spooling.child().residentKilobytes();
      connection.request("POST /late?gate=" + gate.port() + " HTTP/1.1", "Content-Length: " + MUCH);
      connection.sendAside(MUCH);
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).as("called when all is there").isEqualTo("called");
        assertThat(connection.sentAside()).isEqualTo(MUCH);
        assertThat(spooling.child().residentKilobytes() - before).as("KB").isLessThan(150_000);
      }
      assertThat(connection.read().text()).isEqualTo(Long.toString(MUCH));
    }
    awaitNoFiles();
  }

  @Test
  void aSpooledBodyThatIsBrokenOffLeavesNoFile() throws Exception {
    try (Connection connection = spooling.connect()) {
      connection.request("POST /size HTTP/1.1", "Content-Length: 5000000");
      connection.send(new byte[2_000_000]);
      awaitFiles();
      connection.reset();
    }
    awaitNoFiles();
  }

  @Test
  void aSpooledBodyPastItsLimitLeavesNoFile() throws Exception {
    try (Server server =
            Server.of("streams_app:app")
                .options("--limit-request-body", "1000000")
                .environment("SLUICE_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary)
                .start();
        Connection connection = server.connect()) {
      connection.request("POST /size HTTP/1.1", "Transfer-Encoding: chunked");
      connection.send("F4240\r\n").send(new byte[1_000_000]).send("\r\n1\r\nx\r\n");
      assertThat(connection.read().status()).isEqualTo(413);
    }
    awaitNoFiles();
  }

  private static long files() throws IOException {
    try (var found = Files.list(temporary)) {
      return found.filter(file -> file.getFileName().toString().startsWith("sluice-body")).count();
    }
  }

  private static void awaitFiles() throws Exception {
    for (int n = 0; n < 200 && files() == 0; n++) {
      Thread.sleep(20);
    }
    assertThat(files()).isPositive();
  }

  private static void awaitNoFiles() throws IOException {
    for (int n = 0; n < 200 && files() > 0; n++) {
      try {
        Thread.sleep(20);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    assertThat(files()).isZero();
  }

  // Broken off

  @Test
  void whoReadsABodyThatIsBrokenOffIsTold() {
    try (Gate gate = new Gate()) {
      try (Connection connection = streaming.connect()) {
        connection.request(
            "POST /upload?gate=" + gate.port() + " HTTP/1.1", "Content-Length: 1000000");
        connection.send(new byte[300_000]);
        try (Gate.Visitor visitor = gate.await()) {
          assertThat(visitor.text()).isEqualTo("read 1000");
          connection.reset();
        }
      }
      assertThat(gate.heard()).isEqualTo("ConnectionError: the client has closed the connection");
      assertThat(streaming.ask("/alive").text()).isEqualTo("alive");
    }
  }

  /** A body that was to come to an end does not, when the client ends its side before. */
  @Test
  void aBodyThatEndsTooEarlyIsBrokenOff() {
    try (Gate gate = new Gate();
        Connection connection = streaming.connect()) {
      connection.request(
          "POST /upload?gate=" + gate.port() + " HTTP/1.1", "Content-Length: 1000000");
      connection.send(new byte[300_000]).halfClose();
      gate.await().close();
      assertThat(gate.heard()).startsWith("ConnectionError: ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz\r\n", "5\r\nhelloXX"})
  void aBodyThatTurnsOutMalformedIsBrokenOff(String chunk) {
    try (Gate gate = new Gate();
        Connection connection = streaming.connect()) {
      connection.request(
          "POST /upload?gate=" + gate.port() + " HTTP/1.1", "Transfer-Encoding: chunked");
      connection.send("3E8\r\n").send(new byte[1000]).send("\r\n");
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("read 1000");
        connection.send(chunk);
      }
      assertThat(gate.heard()).isEqualTo("ConnectionError: the request is malformed");
      assertThat(connection.read().status()).isEqualTo(400);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @Test
  void chunksPastTheLimitAreRefusedWhileTheyAreRead() {
    try (Server server =
            Server.start(
                "streams_app:app", "--request-body", "stream", "--limit-request-body", "100000");
        Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.request(
          "POST /upload?gate=" + gate.port() + " HTTP/1.1", "Transfer-Encoding: chunked");
      connection.send("186A0\r\n").send(new byte[100_000]).send("\r\n");
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("read 1000");
        connection.send("1\r\nx");
      }
      assertThat(gate.heard()).startsWith("ConnectionError: the body is larger than");
      assertThat(connection.read().status()).isEqualTo(413);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }
}
