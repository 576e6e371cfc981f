package dev.sluice.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import dev.sluice.server.exchange.Allocations;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.RecordedExchange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The log as a whole, with real files. */
@Timeout(30)
class AccessLogTest {
  private static final Outcome OK = new Outcome(200, 5, 0, 1000, true);
  private static final int LIMIT = AccessLog.DEFAULT_LIMIT;

  @TempDir Path folder;

  private static void request(AccessLog log, String target) {
    log.ended(new RecordedExchange("GET", target), OK);
  }

  private AccessLog open(Path file) {
    return AccessLog.open(file.toString(), "%(U)s", LIMIT, Duration.ZERO);
  }

  private static void awaitLine(Path file, String line) throws IOException, InterruptedException {
    while (!Files.exists(file) || !Files.readAllLines(file).contains(line)) {
      Thread.sleep(2); // (the test's limit of time bounds this)
    }
  }

  @Test
  void linesAreAppendedInTheirOrder() throws IOException {
    Path file = folder.resolve("log");
    Files.writeString(file, "before\n");
    AccessLog log = open(file);
    request(log, "/1");
    request(log, "/2?q");
    assertThat(log.close(Duration.ofSeconds(10))).isTrue();
    assertThat(Files.readString(file)).isEqualTo("before\n/1\n/2\n");
    assertThat(log.dropped()).isZero();
  }

  @Test
  void aLineIsThereSoonAlsoWithoutAnyMore() throws Exception {
    Path file = folder.resolve("log");
    try (AccessLog log = open(file)) {
      request(log, "/1");
      awaitLine(file, "/1");
      request(log, "/2");
      awaitLine(file, "/2");
    }
  }

  @Test
  void linesOfManyThreadsStayWhole() throws Exception {
    Path file = folder.resolve("log");
    AccessLog log = AccessLog.open(file.toString(), "%(U)s %(a)s", 64 * LIMIT);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String path = "/" + i;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 0; n < 5000; n++) {
                  String agent = "a".repeat(n % 50) + n;
                  log.ended(new RecordedExchange("GET", path, "User-Agent", agent), OK);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(log.close(Duration.ofSeconds(20))).isTrue();
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(20_000);
    for (int i = 0; i < 4; i++) {
      String path = "/" + i + " ";
      List<String> own = lines.stream().filter(line -> line.startsWith(path)).toList();
      assertThat(own).hasSize(5000);
      for (int n = 0; n < 5000; n++) {
        assertThat(own.get(n)).isEqualTo(path + "a".repeat(n % 50) + n);
      }
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFileThatWasMovedIsMadeAnew() throws Exception {
    Path file = folder.resolve("log");
    Path moved = folder.resolve("log.1");
    AccessLog log = open(file);
    request(log, "/1");
    awaitLine(file, "/1");
    Files.move(file, moved);
    request(log, "/2");
    awaitLine(file, "/2");
    // Removed, and somebody else's file in its place.
    Files.delete(file);
    Files.writeString(file, "new\n");
    request(log, "/3");
    awaitLine(file, "/3");
    log.close();
    assertThat(Files.readString(moved)).isEqualTo("/1\n");
    assertThat(Files.readString(file)).isEqualTo("new\n/3\n");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void itIsNotLookedForAtEachLine() throws Exception {
    Path file = folder.resolve("log");
    Path moved = folder.resolve("log.1");
    AccessLog log = AccessLog.open(file.toString(), "%(U)s", LIMIT, Duration.ofHours(1));
    Files.move(file, moved);
    request(log, "/1");
    awaitLine(moved, "/1");
    log.close();
    assertThat(file).doesNotExist();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whereItCannotBeMadeAnewTheOldOneIsWritten() throws Exception {
    Path inside = Files.createDirectory(folder.resolve("inside"));
    Path file = inside.resolve("log");
    AccessLog log = open(file);
    request(log, "/1");
    awaitLine(file, "/1");
    Path elsewhere = folder.resolve("elsewhere");
    Files.move(inside, elsewhere);
    request(log, "/2");
    awaitLine(elsewhere.resolve("log"), "/2");
    Files.createDirectory(inside);
    request(log, "/3");
    awaitLine(file, "/3");
    log.close();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDiskIsSurvived() throws Exception {
    Path file = folder.resolve("log");
    Files.createSymbolicLink(file, Path.of("/dev/full"));
    AccessLog log = open(file);
    request(log, "/1");
    request(log, "/2");
    while (log.dropped() < 2) {
      Thread.sleep(2);
    }
    Files.delete(file);
    request(log, "/3");
    assertThat(log.close(Duration.ofSeconds(10))).isFalse();
    assertThat(Files.readAllLines(file)).containsExactly("/3", LineFormat.of("common").note(2));
    assertThat(log.dropped()).isEqualTo(2);
  }

  /** A pipe whose reader sleeps takes some lines; whoever logs does not wait for it. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aPipeThatNobodyReadsStopsNobody() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    CompletableFuture<InputStream> reader = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            reader.complete(Files.newInputStream(pipe));
          } catch (IOException e) {
            reader.completeExceptionally(e);
          }
        });
    AccessLog log = AccessLog.open(pipe.toString(), "%(U)s", 100_000);
    int sent = 0;
    String target = "/" + "x".repeat(98);
    while (log.dropped() < 1000) {
      request(log, target);
      sent++;
    }
    assertThat(log.close(Duration.ofMillis(200))).as("nobody reads").isFalse();
    int written = 0;
    int missing = 0;
    try (InputStream all = reader.get()) {
      String read = new String(all.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : read.lines().toList()) {
        if (line.startsWith("# ")) {
          missing += Integer.parseInt(line.split(" ", 3)[1]);
        } else {
          assertThat(line).isEqualTo(target);
          written++;
        }
      }
    }
    assertThat(missing).isEqualTo(Math.toIntExact(log.dropped()));
    assertThat(written).isEqualTo(sent - missing);
  }

  @Test
  void closingTwiceIsClosingOnce() throws IOException {
    Path file = folder.resolve("log");
    AccessLog log = open(file);
    request(log, "/1");
    log.close();
    log.close();
    request(log, "/2");
    assertThat(Files.readString(file)).isEqualTo("/1\n");
    assertThat(log.dropped()).isEqualTo(1);
  }

  @Test
  void refusesAFileThatCannotBeOpened() {
    for (Path file : List.of(folder, folder.resolve("none/log"))) {
      assertThatThrownBy(() -> open(file))
          .isInstanceOfSatisfying(
              SluiceException.class,
              e -> assertThat(e.code()).isEqualTo(ServerError.ACCESS_LOG_NOT_OPENED))
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void aFormatThatIsNotUnderstoodLeavesNothingBehind() {
    Path file = folder.resolve("log");
    assertThatThrownBy(() -> AccessLog.open(file.toString(), "%(h)", LIMIT))
        .isInstanceOf(SluiceException.class);
    assertThat(file).doesNotExist();
  }

  @Test
  void aLineAllocatesNothing() {
    try (AccessLog log = AccessLog.open(folder.resolve("log").toString(), "json", LIMIT)) {
      RecordedExchange exchange =
          new RecordedExchange(
              "GET", "/a?b", "Host", "h", "User-Agent", "\"\u00ff", "Referer", "r");
      long spent =
          Allocations.of(() -> {
            for (int i = 0; i < 10_000; i++) {
              log.ended(exchange, OK);
            }
          });
      assertThat(spent).isLessThan(50_000); // a new second's text now and then
    }
  }
}
