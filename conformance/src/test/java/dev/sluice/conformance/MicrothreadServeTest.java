package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Microthreads;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Pythons;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** `serve --microthreads`: requests of an application of plain blocking code, all on one thread. */
@Tag("slow")
class MicrothreadServeTest {
  private static Server server;

  /** Each test has its own: what one has cancelled may still have something to say. */
  private final Gate gate = new Gate();

  private static Server start(String... options) {
    return Server.of("microthread_app:app")
        .options(Microthreads.options().toArray(String[]::new))
        .options(options)
        .start();
  }

  @BeforeAll
  static void serve() {
    server = start("--request-body", "stream", "--limit-body-in-memory", "1");
  }

  @AfterEach
  void close() {
    gate.close();
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log()).doesNotContain("\tat ");
  }

  /** What is answered to requests that are all sent before the first answer is read. */
  private static List<Response> ask(int count, IntFunction<String> path) {
    List<Connection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        connections.add(server.connect().get(path.apply(i)));
      }
      return connections.stream().map(Connection::read).toList();
    } finally {
      connections.forEach(Connection::close);
    }
  }

  /** Waits until so many have been answered. */
  private static void awaitAnswers(List<Connection> connections, int count)
      throws InterruptedException {
    long deadline = System.nanoTime() + Limits.ANSWER.toNanos();
    while (connections.stream().filter(Connection::hasInput).count() < count) {
      assertThat(System.nanoTime() < deadline).as("%d answers", count).isTrue();
      Thread.sleep(5);
    }
  }

  private String gated(String path) {
    return path + "?gate=" + gate.port();
  }

  @Test
  void manyWaitAtOnceOnOneThread() {
    long start = System.nanoTime();
    List<Response> answers = ask(300, i -> "/sleeps?seconds=1");
    double seconds = (System.nanoTime() - start) / 1e9;
    assertThat(answers).allMatch(answer -> answer.status() == 200);
    assertThat(answers.stream().map(Response::text).distinct()).hasSize(1);
    assertThat(seconds).as("300 waits of a second").isLessThan(100);
  }

  @Test
  void aLockLetsOneInAtATime() {
    List<Response> answers = ask(50, i -> "/counts");
    var counts = new TreeSet<Integer>();
    answers.forEach(answer -> counts.add(Integer.valueOf(answer.text())));
    assertThat(counts).hasSize(50).first().isEqualTo(1);
    assertThat(counts.last()).isEqualTo(50);
  }

  @Test
  void threadLocalsAreTheRequests() {
    List<Response> answers = ask(20, i -> "/keeps?name=n" + i);
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).text()).isEqualTo("None n" + i + " True");
    }
  }

  @Test
  void queuesHandOver() {
    try (Connection waiting = server.connect().get("/gets")) {
      assertThat(server.ask("/puts?item=first").text()).isEqualTo("put");
      assertThat(waiting.read().text()).isEqualTo("first");
    }
  }

  @Test
  void aBodyMayBeWaitedFor() {
    try (Connection slow = server.connect()) {
      slow.send("POST " + gated("/reads") + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na");
      assertThat(gate.heard()).isEqualTo("read 1");
      assertThat(server.ask("/sleeps?seconds=0").status()).isEqualTo(200);
      slow.send("bc");
      assertThat(slow.read().text()).isEqualTo("abc");
    }
  }

  @Test
  void aBodyThatDoesNotComeIsAnError() {
    try (Connection slow = server.connect()) {
      slow.send("POST " + gated("/reads") + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na");
      assertThat(gate.heard()).isEqualTo("read 1");
    }
    assertThat(server.ask("/sleeps?seconds=0").status()).isEqualTo(200);
  }

  @Test
  void slowReadersKeepNobodyWaiting() {
    for (String path : List.of("/large", "/writes", "/elsewhere")) {
      try (Connection slow = server.connect().get(path)) {
        assertThat(server.ask("/sleeps?seconds=0").status()).isEqualTo(200);
        Response answer = slow.read();
        assertThat(answer.complete()).as(path).isTrue();
        assertThat(answer.text().length()).isIn(20_000_000, 10_000_000);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 65_536, 50_000_000})
  void aQuickReaderOfAnEndlessAnswerKeepsNobodyWaiting(int size) throws InterruptedException {
    try (Connection quick = server.connect().get(gated("/endless") + "&size=" + size)) {
      assertThat(quick.skim(100_000)).isPositive();
      Thread reader = Thread.ofPlatform().start(() -> readOn(quick));
      for (int i = 0; i < 5; i++) {
        assertThat(server.ask("/sleeps?seconds=0").status()).isEqualTo(200);
      }
      quick.close();
      assertThat(gate.heard()).as("it is told that its client is gone").isEqualTo("closed");
      reader.join();
    }
  }

  /** Until it is closed. */
  private static void readOn(Connection connection) {
    try {
      while (connection.skim(1_000_000) > 0) {
        Thread.onSpinWait();
      }
    } catch (UncheckedIOException closed) {
      assertThat(closed).hasCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void aBodyIsOfNoUseToOtherRequests() {
    String head = " HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n";
    String first = "a".repeat(3000);
    String second = "b".repeat(3000);
    try (Connection connection = server.connect()) {
      connection.send("POST /keeps_input" + head + first);
      assertThat(connection.read().text()).isEqualTo("kept");
      connection.send("POST /reads_kept" + head + second);
      assertThat(connection.read().text())
          .isEqualTo("wsgi.input was read after its request had ended; " + second);
    }
  }

  @Test
  void piecesAreSentAsTheyCome() {
    try (Connection connection = server.connect().get(gated("/steps"))) {
      for (int i = 0; i < 2; i++) {
        try (Gate.Visitor visitor = gate.await()) {
          assertThat(visitor.text()).isEqualTo("at " + i);
          assertThat(server.ask("/sleeps?seconds=0").status()).isEqualTo(200);
        }
      }
      assertThat(connection.read().text()).isEqualTo("piece 0\npiece 1\n");
      assertThat(gate.heard()).isEqualTo("closed");
    }
  }

  @Test
  void whatIsRaisedIsLoggedAsTheApplicationsOwn() {
    assertThat(server.ask("/fails").status()).isEqualTo(500);
    server.child().stderr().await("LookupError: as it must");
    List<String> lines = server.child().stderr().lines();
    assertThat(lines).anyMatch(line -> line.contains("GET /fails raised an exception"));
    int at = lines.indexOf("LookupError: as it must");
    assertThat(String.join("\n", lines.subList(Math.max(0, at - 12), at)))
        .contains("microthread_app.py", "in fails")
        .doesNotContain("_wsgi_microthreads");
  }

  @Test
  void thoseThatTakeTooLongAreAnswered504AndCancelled() {
    try (Server timed = start("--timeout-request", "1");
        Connection late = timed.connect().get(gated("/waits"));
        Gate.Visitor visitor = gate.await()) {
      assertThat(visitor.text()).isEqualTo("in");
      assertThat(late.read().status()).isEqualTo(504);
      assertThat(gate.heard())
          .isEqualTo("CancelledError: the request took longer than --timeout-request");
      timed.child().stderr().await("Its microthread is cancelled.");
      timed.child().stderr().await("gate.recv(1)");
      assertThat(timed.ask("/sleeps?seconds=0").status()).isEqualTo(200);
    }
  }

  @Test
  void onlySoManyRunAtOnceAndOnlySoManyWait() throws InterruptedException {
    try (Server small = start("--limit-microthreads", "1", "--limit-queue", "1");
        Connection running = small.connect().get(gated("/waits"));
        Gate.Visitor visitor = gate.await()) {
      List<Connection> others = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        others.add(small.connect().get("/sleeps?seconds=0"));
      }
      // One waits, whichever comes first; the others are refused at once.
      awaitAnswers(others, 2);
      visitor.close();
      assertThat(running.read().text()).isEqualTo("let through");
      assertThat(others.stream().map(other -> other.read().status()))
          .containsExactlyInAnyOrder(200, 503, 503);
      others.forEach(Connection::close);
    }
  }

  @Test
  void aStopCancelsWhatDoesNotEnd() {
    try (Server stopped = start("--timeout-drain", "0.5");
        Connection late = stopped.connect().get(gated("/waits"));
        Gate.Visitor visitor = gate.await()) {
      assertThat(visitor.text()).isEqualTo("in");
      assertThat(late.hasInput()).isFalse();
      stopped.child().signal("TERM");
      Child.Ended ended = stopped.child().ended(Limits.ANSWER);
      assertThat(ended.stderr()).contains("GET /waits");
    }
  }

  @Test
  void withoutGreenletItSaysWhatToInstall() {
    List<String> arguments = new ArrayList<>(List.of("serve", "microthread_app:app"));
    arguments.addAll(List.of("--microthreads", "--app-dir", Project.PYTHON.toString()));
    arguments.addAll(List.of("--python", Pythons.executable("3.13").toString()));
    Child.Ended ended = Child.runSluice(Project.TARGET, Map.of(), arguments.toArray(String[]::new));
    assertThat(ended.code()).isEqualTo(6);
    assertThat(ended.stderr()).contains("SL207", "greenlet", "sluice pip");
    assertThat(ended.stderr().lines()).hasSize(1);
  }
}
