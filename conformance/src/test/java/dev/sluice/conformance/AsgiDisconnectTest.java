package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Server;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client that goes away is told to the ASGI application at once, and is nobody's fault. */
class AsgiDisconnectTest {
  private static Server server;

  /** How a client goes. */
  enum Leaving {
    CLOSE {
      @Override
      void leave(Connection connection) {
        connection.close();
      }
    },
    RESET {
      @Override
      void leave(Connection connection) {
        connection.reset();
      }
    };

    abstract void leave(Connection connection);
  }

  @BeforeAll
  static void serve() {
    server = Server.asgi("disconnect_app:app").start();
  }

  @AfterAll
  static void stop() {
    assertThat(server.ask("/alive").text()).isEqualTo("alive");
    assertThat(server.stopCleanly()).doesNotContain("ERROR", "Traceback", "\tat ");
  }

  private static Connection get(String path, Gate gate) {
    return server.connect().get(path + "?gate=" + gate.port());
  }

  @ParameterizedTest
  @EnumSource
  void beforeTheAnswer(Leaving leaving) {
    try (Gate gate = new Gate();
        Connection connection = get("/waits", gate)) {
      assertThat(gate.heard()).isEqualTo("in");
      leaving.leave(connection);
      assertThat(gate.heard()).isEqualTo("http.disconnect");
      assertThat(gate.heard()).as("whoever asks again").isEqualTo("http.disconnect");
    }
  }

  @ParameterizedTest
  @EnumSource
  void inTheMiddleOfTheAnswer(Leaving leaving) {
    try (Gate gate = new Gate();
        Connection connection = get("/waits_midway", gate)) {
      assertThat(gate.heard()).isEqualTo("in");
      leaving.leave(connection);
      assertThat(gate.heard()).isEqualTo("http.disconnect");
    }
  }

  @ParameterizedTest
  @EnumSource
  void inTheMiddleOfTheBody(Leaving leaving) {
    try (Gate gate = new Gate();
        Connection connection = server.connect()) {
      connection.request(
          "POST /reads?gate=" + gate.port() + " HTTP/1.1", "Content-Length: 1000000");
      connection.send(new byte[300_000]);
      assertThat(gate.heard()).isEqualTo("in");
      leaving.leave(connection);
      assertThat(gate.heard()).isEqualTo("http.disconnect");
    }
  }

  @ParameterizedTest
  @EnumSource
  void beforeAnybodyLooks(Leaving leaving) {
    try (Gate gate = new Gate();
        Connection connection = get("/looks_late", gate)) {
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
        leaving.leave(connection);
      }
      assertThat(gate.heard()).matches("(http.request )?http.disconnect");
    }
  }

  @Test
  void behindTheAnswer() {
    try (Gate gate = new Gate();
        Connection connection = get("/completes", gate)) {
      connection.read().expectWhole("whole");
      assertThat(gate.heard()).as("although the client is there").isEqualTo("http.disconnect");
      assertThat(gate.heard()).isEqualTo("http.disconnect");
      connection.get("/alive").read().expectWhole("alive");
    }
  }

  @Test
  void aTaskThatListensHearsTheEndOfTheAnswer() {
    try (Gate gate = new Gate();
        Connection connection = get("/listens", gate)) {
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).as("and not of a disconnect").isEqualTo("midway");
      }
      assertThat(gate.heard()).isEqualTo("http.disconnect");
      connection.read().expectWhole("one two");
    }
  }

  @Test
  void aReceiveThatIsGivenUpLosesNothing() {
    try (Gate gate = new Gate();
        Connection connection = get("/cancels", gate)) {
      assertThat(gate.heard()).isEqualTo("in");
      connection.close();
      assertThat(gate.heard()).isEqualTo("http.disconnect");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTaskIsCancelledIfThatIsWished(Leaving leaving) {
    try (Server other =
            Server.asgi("disconnect_app:app").options("--cancel-on-disconnect").start();
        Gate gate = new Gate();
        Connection connection = other.connect().get("/is_cancelled?gate=" + gate.port())) {
      assertThat(gate.heard()).isEqualTo("in");
      leaving.leave(connection);
      assertThat(gate.heard()).isEqualTo("cancelled");
      assertThat(other.stopCleanly()).doesNotContain("ERROR", "Traceback");
    }
  }

  /** By the specification: from 2.4 on an OSError, before that nothing. */
  @ParameterizedTest
  @EnumSource
  void whatIsSentAfterThat(Leaving leaving) {
    try (Gate gate = new Gate();
        Connection connection = get("/sends", gate)) {
      assertThat(gate.heard()).isEqualTo("in");
      leaving.leave(connection);
      String[] heard = gate.heard().split(" ", 2);
      if (heard[0].equals("2.3")) {
        assertThat(heard[1]).isEqualTo("nothing nothing nothing");
      } else if (leaving == Leaving.RESET) {
        assertThat(heard[1]).isEqualTo("OSError OSError OSError");
      } else {
        // A client that has closed its side only may still read: the system tells which it was.
        assertThat(heard[1]).matches("((nothing|OSError) ?){3}");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatNeverLooksEnds(Leaving leaving) {
    try (Gate gate = new Gate();
        Connection connection = get("/streams", gate)) {
      assertThat(gate.heard()).isEqualTo("in");
      assertThat(connection.skim(1000)).isPositive();
      leaving.leave(connection);
      assertThat(gate.heard()).isEqualTo("ended");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSendThatWaitsIsLetGo(Leaving leaving) {
    try (Gate gate = new Gate();
        Connection connection = get("/held", gate)) {
      assertThat(gate.heard()).isEqualTo("held");
      leaving.leave(connection);
      assertThat(gate.heard()).isEqualTo("let go");
    }
  }

  @Test
  void nobodyOfAHundredIsForgotten() {
    try (Gate gate = new Gate()) {
      var connections = new ArrayList<Connection>();
      for (int n = 0; n < 100; n++) {
        connections.add(get("/counted", gate));
        assertThat(gate.heard()).isEqualTo("in");
      }
      assertThat(server.ask("/counted?ask=1").text()).isEqualTo("100");
      connections.forEach(Connection::close);
      for (int n = 0; n < 100; n++) {
        assertThat(gate.heard()).isEqualTo("out");
      }
      assertThat(server.ask("/counted?ask=1").text()).isEqualTo("0");
    }
  }
}
