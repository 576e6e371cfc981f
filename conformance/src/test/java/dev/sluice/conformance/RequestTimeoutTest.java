package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Microthreads;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** --timeout-request: 504 at once, the thread interrupted if it can be, and nobody else harmed. */
class RequestTimeoutTest {
  private Server server;
  private Gate gate;

  @BeforeAll
  static void askAboutThreads() {
    Microthreads.doNotApply(
        "threads are interrupted; MicrothreadServeTest has how microthreads are cancelled");
  }

  @BeforeEach
  void serve() {
    server =
        Server.start(
            "timeouts_app:app",
            "--timeout-request",
            "1",
            "--threads",
            "1",
            "--request-body",
            "stream",
            "--limit-body-in-memory",
            "100");
    gate = new Gate();
    // The first request loads what later ones need.
    assertThat(server.ask("/quick").text()).isEqualTo("sluice-py-0-1");
  }

  @AfterEach
  void stop() {
    gate.close();
    server.close();
  }

  private Connection ask(String path, String... query) {
    String more = query.length == 0 ? "" : "&" + query[0];
    return server.connect().get(path + "?gate=" + gate.port() + more);
  }

  private static void assertTimedOut(Connection connection, long start) {
    Response response = connection.read();
    assertThat(response.status()).as(response.toString()).isEqualTo(504);
    assertThat((System.nanoTime() - start) / 1e9).isBetween(0.9, 4.0);
  }

  private List<String> awaitLogged(String text) {
    server.child().stderr().await(text);
    return server.child().stderr().lines();
  }

  @Test
  void pythonCodeIsInterruptedAndItsThreadGoesOn() {
    for (int round = 0; round < 2; round++) {
      long start = System.nanoTime();
      try (Connection connection = ask("/spins")) {
        assertTimedOut(connection, start);
        assertThat(connection.get("/quick").read().text())
            .as("the connection and the worker go on")
            .isEqualTo("sluice-py-0-1");
      }
      assertThat(gate.heard()).isEqualTo("finally on sluice-py-0-1");
    }
    assertThat(awaitLogged("Its stack in Java:"))
        .anyMatch(line -> line.contains("GET /spins") && line.contains("was answered 504"))
        .anyMatch(line -> line.contains("RequestTimeout is raised in it as soon as"))
        .anyMatch(line -> line.contains("timeouts_app.py\", line") && line.contains("in spins"))
        .anyMatch(line -> line.contains("  at dev.sluice.server"));
  }

  @Test
  void codeInCIsReportedAndInterruptedWhenItComesBack() {
    long start = System.nanoTime();
    try (Connection connection = ask("/naps", "seconds=3")) {
      assertTimedOut(connection, start);
      assertThat(awaitLogged("Its stack in Java:"))
          .anyMatch(line -> line.contains("timeouts_app.py\", line") && line.contains("in naps"));
      assertThat(gate.heard()).isEqualTo("RequestTimeout");
    }
    for (int n = 0; n < 20; n++) {
      assertThat(server.ask("/quick").text()).as("unharmed").isEqualTo("sluice-py-0-1");
    }
  }

  @Test
  void codeThatKeepsTheGilIsReportedAndItsClientAnswered() {
    long start = System.nanoTime();
    try (Connection connection = ask("/holds", "rounds=3")) {
      assertThat(gate.heard()).isEqualTo("in");
      assertTimedOut(connection, start);
      awaitLogged("GET /holds");
      assertThat(server.ask("/quick").status()).isIn(200, 504);
    }
  }

  @Test
  void requestsThatWaitTooLongInTheQueueAreAnsweredToo() {
    try (Connection first = ask("/naps", "seconds=3")) {
      long start = System.nanoTime();
      try (Connection second = ask("/quick");
          Connection third = ask("/quick")) {
        assertTimedOut(second, start);
        assertTimedOut(third, start);
      }
      assertThat(first.read().status()).isEqualTo(504);
      assertThat(gate.heard()).isEqualTo("RequestTimeout");
      awaitLogged("in the queue and were answered 504: all workers are busy");
    }
    assertThat(server.ask("/quick").status()).isEqualTo(200);
  }

  @Test
  void anAnswerThatHasBegunIsCut() {
    try (Connection connection = ask("/trickles")) {
      Response response = connection.read();
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.complete()).as("must not look complete").isFalse();
    }
    assertThat(gate.heard()).isEqualTo("closed");
    assertThat(server.ask("/quick").status()).isEqualTo(200);
  }

  @Test
  void whoWaitsForABodyIsTold() {
    try (Connection connection = server.connect()) {
      long start = System.nanoTime();
      connection.request("POST /uploads?gate=" + gate.port() + " HTTP/1.1", "Content-Length: 1000");
      assertTimedOut(connection, start);
      assertThat(gate.heard())
          .isEqualTo("ConnectionError: the application took too long to answer");
      assertThat(connection.closedByPeer()).as("a part of the body may come").isTrue();
    }
    assertThat(server.ask("/quick").status()).isEqualTo(200);
  }

  @Test
  void whoIsToldIsNotInterruptedInItsCleaningUp() {
    try (Connection connection = server.connect()) {
      connection.request(
          "POST /tidies?seconds=0.6&gate=" + gate.port() + " HTTP/1.1", "Content-Length: 1000");
      assertThat(gate.heard()).isEqualTo("tidied after ConnectionError");
    }
    try (Connection connection = ask("/trickles", "seconds=0.6")) {
      assertThat(connection.read().complete()).isFalse();
      assertThat(gate.heard()).isEqualTo("closed");
    }
  }

  @Test
  void whoIsToldAndGoesOnIsInterruptedInTheEnd() {
    try (Connection connection = server.connect()) {
      long start = System.nanoTime();
      connection.request(
          "POST /tidies?seconds=30&gate=" + gate.port() + " HTTP/1.1", "Content-Length: 1000");
      assertTimedOut(connection, start);
      assertThat(gate.heard()).isEqualTo("RequestTimeout");
    }
    assertThat(awaitLogged("still in sluice-py-0-1: RequestTimeout is raised in it"))
        .anyMatch(line -> line.contains("Its reading or sending has failed"));
    assertThat(server.ask("/quick").text()).isEqualTo("sluice-py-0-1");
  }

  @Test
  void oneThatIsInTimeIsNotTouched() {
    try (Connection connection = ask("/waits")) {
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
        assertThat(gate.quietFor(Duration.ofMillis(300))).isTrue();
      }
      assertThat(connection.read().text()).isEqualTo("let through");
    }
    assertThat(server.log()).doesNotContain("504");
  }

  @Test
  void oneThatDoesNotEndBehindItsAnswerIsInterruptedToo() {
    try (Connection connection = ask("/outlives")) {
      assertThat(connection.read().text()).isEqualTo("ok");
      assertThat(gate.heard()).isEqualTo("ended");
    }
    awaitLogged("has its answer, but does not end; sluice-py-0-1 is in it");
    assertThat(server.ask("/quick").text()).isEqualTo("sluice-py-0-1");
  }

  /** The application has done its part; --timeout-send is for such clients. */
  @Test
  void theTimeInWhichTheClientDoesNotReadIsNotTheApplications() throws InterruptedException {
    try (Connection connection = server.connect().get("/floods?blocks=300")) {
      Thread.sleep(2500);
      Response response = connection.read();
      assertThat(response.complete()).as(server.log()).isTrue();
      assertThat(response.text()).hasSize(300 * 65_536);
    }
    assertThat(server.log()).doesNotContain("took longer");
  }

  /** The clock's look at the slow one takes a moment, in which that may end and another begin. */
  @Test
  void whoComesBehindASlowOneIsNeverInterruptedInItsPlace() {
    try (Server strict =
        Server.start("timeouts_app:app", "--timeout-request", "0.1", "--threads", "1")) {
      long end = System.nanoTime() + Duration.ofSeconds(8).toNanos();
      for (int i = 0; System.nanoTime() < end; i++) {
        try (Connection slow = strict.connect();
            Connection quick = strict.connect()) {
          slow.get("/nearly?seconds=" + (0.1 + i % 30 / 1000.0));
          slow.read();
          Response response = quick.get("/quick").read();
          assertThat(response.status()).as(strict.log()).isIn(200, 504);
        }
      }
      assertThat(strict.log()).doesNotContain("GET /quick raised an exception");
    }
  }

  @Test
  void whoeverIsMissedBecauseAnotherKeepsTheGilIsInterruptedLater() throws InterruptedException {
    try (Server two = Server.start("timeouts_app:app", "--timeout-request", "1", "--threads", "2");
        Gate spinning = new Gate();
        Connection spins = two.connect();
        Connection holds = two.connect()) {
      assertThat(two.ask("/quick").status()).isEqualTo(200);
      spins.get("/spins?gate=" + spinning.port());
      Thread.sleep(700);
      holds.get("/holds?rounds=3&gate=" + gate.port());
      assertThat(spins.read().status()).isEqualTo(504);
      assertThat(spinning.heard()).startsWith("finally");
      assertThat(holds.read().status()).isEqualTo(504);
    }
  }

  @Test
  void manyAreAnsweredAtOnceWhileOneKeepsTheGil() {
    try (Server many =
        Server.start("timeouts_app:app", "--timeout-request", "1", "--threads", "16")) {
      assertThat(many.ask("/quick").status()).isEqualTo(200);
      long start = System.nanoTime();
      List<Connection> asking = new ArrayList<>();
      asking.add(many.connect().get("/holds?rounds=6&gate=" + gate.port()));
      assertThat(gate.heard()).isEqualTo("in");
      for (int i = 0; i < 40; i++) {
        asking.add(many.connect().get("/quick"));
      }
      asking.forEach(connection -> assertTimedOut(connection, start));
      asking.forEach(Connection::close);
      many.child().signal("KILL"); // it would hold on for a while
      many.child().ended(Limits.ANSWER);
    }
  }
}
