package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** --reload where only a new process can load the application again, as those of ASGI. */
@Tag("slow")
class HandOverTest {
  private static final String APPLICATION =
      """
      import atexit
      import version
      async def app(scope, receive, send):
          if scope["type"] == "lifespan":
              await receive()
              version.begin()
              print("UP", version.NUMBER, flush=True)
              await send({"type": "lifespan.startup.complete"})
              await receive()
              print("DOWN", version.NUMBER, flush=True)
              await send({"type": "lifespan.shutdown.complete"})
          else:
              await send({"type": "http.response.start", "status": 200})
              await send({"type": "http.response.body", "body": str(version.NUMBER).encode()})
      def old(environ, start_response):
          start_response("200 OK", [("Content-Type", "text/plain")])
          return [b"old"]
      atexit.register(print, "EXIT", version.NUMBER, flush=True)
      """;

  @TempDir private Path directory;

  private void write(String version) throws IOException {
    Files.writeString(directory.resolve("version.py"), version);
  }

  private void write(int number, String... begin) throws IOException {
    String body = begin.length == 0 ? "    pass" : String.join("\n", begin).indent(4);
    write("NUMBER = %d\ndef begin():\n%s\n".formatted(number, body));
  }

  private Server start(String application, String... options) throws IOException {
    Files.writeString(directory.resolve("versioned.py"), APPLICATION);
    write(1);
    return Server.asgi("versioned:" + application)
        .appDir(directory)
        .options("--reload")
        .options(options)
        .start();
  }

  private static void awaitLog(Server server, String text) {
    server.child().stderr().await(line -> line.contains(text), Limits.START);
  }

  private static void awaitAnswer(Server server, String path, String text) {
    long deadline = System.nanoTime() + Limits.START.toNanos();
    while (!server.ask(path).text().equals(text)) {
      assertThat(System.nanoTime()).as(server.log()).isLessThan(deadline);
    }
  }

  private static List<String> life(Server server) {
    List<String> words = List.of("UP", "DOWN", "EXIT");
    return server
        .stop()
        .stdout()
        .lines()
        .filter(line -> words.contains(line.split(" ", 2)[0]))
        .toList();
  }

  @Test
  void theOldOneIsToldOfItsEndBeforeTheNewOneStarts() throws IOException {
    try (Server server = start("app")) {
      awaitAnswer(server, "/", "1");
      write(2);
      awaitAnswer(server, "/", "2");
      assertThat(life(server))
          .containsExactly("UP 1", "DOWN 1", "EXIT 1", "UP 2", "DOWN 2", "EXIT 2");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NUMBER = 2\ndef begin():\n    raise RuntimeError('not today')\n",
        "NUMBER = 2\nimport not_today\n",
        "NUMBER = 'not_today\n",
      })
  void whatCannotBeStartedIsReportedAndTheOldOneServedOn(String source) throws IOException {
    try (Server server = start("app", "--lifespan", "on")) {
      write(source);
      awaitLog(server, "version.py has changed, and cannot be loaded; what was loaded before");
      awaitLog(server, "today");
      awaitAnswer(server, "/", "1");
      write(3);
      awaitAnswer(server, "/", "3");
      assertThat(life(server))
          .containsExactly("UP 1", "DOWN 1", "EXIT 1", "UP 3", "DOWN 3", "EXIT 3");
    }
  }

  @Test
  void aStartThatFailsAfterAllWaitsForTheNextChange() throws IOException {
    String check = "if os.environ['SLUICE_HANDED_OVER'] != 'check':";
    try (Server server = start("app", "--lifespan", "on")) {
      write(2, "import os", check, "    raise RuntimeError('not today')");
      awaitLog(server, "could not be started");
      write(3);
      awaitAnswer(server, "/", "3");
      assertThat(life(server))
          .containsExactly("UP 1", "DOWN 1", "EXIT 1", "EXIT 2", "UP 3", "DOWN 3", "EXIT 3");
    }
  }

  @Test
  void aSignalEndsAStartThatFailedToo() throws IOException {
    String check = "if os.environ['SLUICE_HANDED_OVER'] != 'check':";
    try (Server server = start("app", "--lifespan", "on")) {
      write(2, "import os", check, "    raise RuntimeError('not today')");
      awaitLog(server, "could not be started");
      server.stopCleanly();
    }
  }

  @Test
  void aKeptConnectionHasTimeForAnotherRequest() throws Exception {
    try (Server server = start("app");
        Connection kept = server.connect();
        Connection idle = server.connect()) {
      idle.get("/").read().expectWhole("1");
      kept.get("/").read().expectWhole("1");
      write(2);
      awaitLog(server, "a new process takes over");
      Thread.sleep(300);
      Response last = kept.get("/").read();
      last.expectWhole("1");
      assertThat(last.header("Connection")).isEqualToIgnoringCase("close");
      assertThat(kept.closedByPeer()).isTrue();
      assertThat(idle.closedByPeer()).isTrue();
      awaitAnswer(server, "/", "2");
    }
  }

  @Test
  void aPortOfTheApplicationsOwnDoesNotPreventIt() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (Server server = start("app", "--lifespan", "on")) {
      for (int number : List.of(2, 3)) {
        write(
            number,
            "import socket",
            "global port; port = socket.create_server(('127.0.0.1', %d))".formatted(port));
        awaitAnswer(server, "/", "" + number);
      }
      assertThat(server.log()).contains("without a trial");
    }
  }

  @Test
  void mountsAndExitFunctionsTakePartInThat() throws IOException {
    try (Server server = start("old", "--mount", "/new=versioned:app")) {
      awaitAnswer(server, "/new", "1");
      write(2);
      awaitAnswer(server, "/new", "2");
      assertThat(life(server))
          .containsExactly("UP 1", "DOWN 1", "EXIT 1", "UP 2", "DOWN 2", "EXIT 2");
    }
  }
}
