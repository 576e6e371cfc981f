package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** --reload: sources change under a running server. */
@Tag("slow")
class ReloadTest {
  private static final String APPLICATION =
      """
      import time
      import words
      class Words:
          def __call__(self, environ, start_response):
              said = words.SAID
              if environ["PATH_INFO"] == "/slow":
                  time.sleep(1.5)
              start_response("200 OK", [("Content-Type", "text/plain")])
              return [f"{said} {words.SAID}".encode()]
      app = Words()
      """;

  @TempDir private Path directory;

  private void say(String source) throws IOException {
    Files.writeString(directory.resolve("words.py"), source);
  }

  private Server start(String... options) throws IOException {
    Files.writeString(directory.resolve("talking.py"), APPLICATION);
    say("SAID = 'first'\n");
    return Server.of("talking:app").appDir(directory).options("--reload").options(options).start();
  }

  private static void awaitLog(Server server, String text) {
    server.child().stderr().await(line -> line.contains(text), Limits.ANSWER);
  }

  @Test
  void whatHasChangedIsLoadedAgain() throws IOException {
    try (Server server = start()) {
      assertThat(server.get("/").body()).isEqualTo("first first");
      say("SAID = 'the second'\n");
      awaitLog(server, "words.py has changed: the application was loaded again");
      assertThat(server.get("/").body()).isEqualTo("the second the second");
    }
  }

  @Test
  void whatCannotBeLoadedIsReportedAndTheOldOneServedOn() throws IOException {
    try (Server server = start()) {
      say("SAID = 'unterminated\n");
      awaitLog(server, "words.py has changed, and cannot be loaded");
      awaitLog(server, "SyntaxError");
      assertThat(server.get("/").body()).isEqualTo("first first");
      say("SAID = 'mended'\n");
      awaitLog(server, "loaded again");
      assertThat(server.get("/").body()).isEqualTo("mended mended");
    }
  }

  /** However long a request takes, it sees one application. */
  private static boolean isOfOneApplication(String said) {
    int half = said.length() / 2;
    return said.substring(0, half).equals(said.substring(half + 1));
  }

  @Test
  void noRequestIsLost() throws Exception {
    try (Server server = start("--threads", "4")) {
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger answered = new AtomicInteger();
      List<Thread> asking =
          Stream.of("/", "/slow")
              .map(path ->
                  Thread.ofPlatform()
                      .start(() -> {
                        while (!stop.get()) {
                          answered.addAndGet(
                              isOfOneApplication(server.get(path).body()) ? 1 : -1_000_000);
                        }
                      }))
              .toList();
      for (int i = 0; i < 5; i++) {
        String said = "number" + i;
        say("SAID = '%s'\n".formatted(said));
        long deadline = System.nanoTime() + Limits.ANSWER.toNanos();
        while (!server.get("/").body().startsWith(said)) {
          assertThat(System.nanoTime()).as(server.log()).isLessThan(deadline);
        }
      }
      stop.set(true);
      for (Thread thread : asking) {
        thread.join();
      }
      assertThat(answered.get()).isGreaterThan(20);
    }
  }

  private static final String WITH_A_THREAD =
      """
      import os
      import threading
      import words
      threading.Thread(target=threading.Event().wait, name="ticker", daemon=True).start()
      def app(environ, start_response):
          start_response("200 OK", [("Content-Type", "text/plain")])
          return [f"{words.SAID} {os.getpid()}".encode()]
      """;

  /** Its thread would run on with the old code: a new process with the old number takes over. */
  @Test
  void whatCannotBeLoadedAgainInOneProcessIsLoadedInANewOne() throws Exception {
    Files.writeString(directory.resolve("talking.py"), WITH_A_THREAD);
    say("SAID = 'first'\n");
    try (Server server =
        Server.of("talking:app").appDir(directory).options("--reload", "--threads", "2").start()) {
      String process = " " + server.child().pid();
      assertThat(server.ask("/").text()).isEqualTo("first" + process);
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger answered = new AtomicInteger();
      Thread asking =
          Thread.ofPlatform()
              .start(() -> {
                while (!stop.get()) {
                  answered.addAndGet(server.ask("/").text().endsWith(process) ? 1 : -1_000_000);
                }
              });
      for (String said : List.of("second", "third")) {
        say("SAID = 'broken\n");
        awaitLog(server, "SyntaxError");
        say("SAID = '%s'\n".formatted(said));
        awaitLog(server, "'ticker' of the application would run on with the old code: a new");
        long deadline = System.nanoTime() + Limits.START.toNanos();
        while (!server.ask("/").text().equals(said + process)) {
          assertThat(System.nanoTime()).as(server.log()).isLessThan(deadline);
        }
      }
      stop.set(true);
      asking.join();
      assertThat(answered.get()).isGreaterThan(20);
    }
  }
}
