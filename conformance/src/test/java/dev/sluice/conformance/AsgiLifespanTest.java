package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.OtherwiseInUvicorn;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lifespan of ASGI applications: it comes before the first request and after the last. */
class AsgiLifespanTest {
  @TempDir private Path folder;

  private Server.Builder builder(String application) {
    return Server.asgi("lifespan_apps:" + application)
        .environment("LIFESPAN_FILE", folder.resolve("notes").toString());
  }

  private List<String> notes() throws IOException {
    return Files.readAllLines(folder.resolve("notes"));
  }

  @Test
  void startupComesBeforeAndShutdownAfterAllRequests() throws IOException {
    try (Server server = builder("whole").start();
        Connection busy = server.connect();
        Gate gate = new Gate()) {
      busy.get("/busy?gate=" + gate.port());
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
        assertThat(notes()).endsWith("startup done");
        server.child().signal("TERM");
        assertThat(notes()).endsWith("startup done");
      }
      busy.read().expectWhole("through the gate");
      assertThat(server.child().ended(Limits.ANSWER).code()).isZero();
    }
    assertThat(notes())
        .containsExactly(
            "scope lifespan 3.0 ['asgi', 'state', 'type']",
            "lifespan.startup",
            "startup done",
            "request done",
            "lifespan.shutdown",
            "shutdown done");
  }

  @Test
  void nobodyIsServedBeforeStartupIsDone() throws IOException {
    try (Server server = builder("whole").start()) {
      server.ask("/alive").expectWhole("alive");
      assertThat(notes()).endsWith("startup done");
    }
  }

  @Test
  void requestsSeeTheStateThatStartupLeft() {
    try (Server server = builder("whole").start();
        Connection connection = server.connect()) {
      for (int visit = 1; visit <= 3; visit++) {
        connection.get("/state").read().expectWhole("started " + visit + " False True");
      }
    }
  }

  @Test
  void tasksOfStartupRunOnWhileItIsServed() {
    try (Server server = builder("whole").start()) {
      server.ask("/ticks").expectWhole("ticking");
    }
  }

  @ParameterizedTest
  @CsvSource({"3, true", "0.4, false"})
  void workBehindAnAnswerIsDoneAsLongAsThereIsTime(String limit, boolean inTime)
      throws IOException {
    try (Server server = builder("whole").options("--timeout-drain", limit).start()) {
      server.ask("/behind").expectWhole("answered");
      server.child().signal("TERM");
      server.child().ended(Limits.ANSWER);
      assertThat(server.log().contains("GET /behind")).isEqualTo(!inTime);
      assertThat(notes().contains("work done")).isEqualTo(inTime);
    }
    assertThat(notes()).endsWith("lifespan.shutdown", "shutdown done");
  }

  @Test
  void interruptsEndItInOrderToo() throws IOException {
    try (Server server = builder("whole").start()) {
      server.child().signal("INT");
      server.child().ended(Limits.ANSWER);
    }
    assertThat(notes()).endsWith("lifespan.shutdown", "shutdown done");
  }

  @ParameterizedTest
  @ValueSource(strings = {"raises", "raises_in_startup", "returns"})
  void anApplicationThatHasNoLifespanIsServed(String application) {
    try (Server server = builder(application).start()) {
      server.ask("/alive").expectWhole("alive");
      server.stopCleanly();
    }
  }

  @Test
  void anApplicationThatEndsItsLifespanEarlyIsServed() {
    try (Server server = builder("ends_after_startup").start()) {
      server.ask("/alive").expectWhole("alive");
      server.stopCleanly();
    }
  }

  @Test
  void aFailedStartupEndsTheServerWithItsMessage() {
    try (Child child = builder("fails_to_start").launch()) {
      Child.Ended ended = child.ended(Limits.START);
      assertThat(ended.code()).isBetween(1, 127);
      assertThat(ended.stderr()).contains("the database is asleep").doesNotContain("\tat ");
    }
  }

  @Test
  void aFailedShutdownIsLogged() {
    assertLoggedAtTheEnd("fails_to_stop", "the database does not let go");
  }

  @Test
  @OtherwiseInUvicorn("passes over it")
  void soIsAnExceptionInIt() {
    assertLoggedAtTheEnd("raises_in_shutdown", "RuntimeError: the end is not for me");
  }

  private void assertLoggedAtTheEnd(String application, String message) {
    try (Server server = builder(application).start()) {
      server.ask("/alive").expectWhole("alive");
      assertThat(server.stop().stderr()).contains(message).doesNotContain("\tat ");
    }
  }

  @Test
  @OtherwiseInUvicorn("waits for ever")
  void aShutdownWithoutAnEndIsGivenUpAndNamed() {
    try (Server server = builder("never_stops").start()) {
      long start = System.nanoTime();
      assertThat(server.stop().stderr()).contains("lifespan");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
    }
  }

  @Test
  @OtherwiseInUvicorn("goes on without a lifespan")
  void anExitWhileStartingEndsTheServer() {
    try (Child child = builder("exits").launch()) {
      Child.Ended ended = child.ended(Limits.START);
      assertThat(ended.code()).isEqualTo(4);
      assertThat(ended.stderr()).contains("SL205", "SystemExit('no database')");
    }
  }

  @Test
  void aRequestThatDoesNotEndDoesNotTakeTheShutdownAway() throws IOException {
    try (Server server = builder("stubborn").options("--timeout-drain", "1").start();
        Connection busy = server.connect();
        Gate gate = new Gate()) {
      busy.get("/?gate=" + gate.port());
      gate.await().close();
      server.child().signal("TERM");
      server.child().ended(Limits.ANSWER);
    }
    assertThat(notes()).endsWith("lifespan.shutdown");
  }
}
