package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients that break off at random places, for a while: nothing of them is left. */
@Tag("slow")
class AsgiSoakTest {
  private static final Duration LENGTH = Duration.ofSeconds(Project.TIER.equals("full") ? 60 : 5);
  private static final Duration BEFORE = Duration.ofSeconds(2);
  private static final int CLIENTS = 8;

  /** Files that the JVM or Python may open once, whatever clients do. */
  private static final int OPENED_ONCE = 5;

  @Test
  void nothingIsLeftOfClientsThatBreakOff() throws InterruptedException {
    try (Server server = Server.asgi("soak_app:app").options("--admin", "127.0.0.1:0").start()) {
      soak(server, BEFORE, 0);
      settle(server);
      long files = figure(server, "process_open_fds");
      int conversations = soak(server, LENGTH, CLIENTS);
      settle(server);
      assertThat(conversations).as("conversations").isGreaterThan(20 * CLIENTS);
      assertThat(figure(server, "process_open_fds"))
          .as("descriptors after %s conversations", conversations)
          .isLessThanOrEqualTo(files + OPENED_ONCE);
      assertThat(server.stopCleanly())
          .doesNotContain("ERROR", "WARN", "Traceback", "\tat ", "never", "destroyed");
    }
  }

  /** How many conversations all clients have had. */
  private static int soak(Server server, Duration length, int firstSeed)
      throws InterruptedException {
    long end = System.nanoTime() + length.toNanos();
    var clients = new ArrayList<Callable<Integer>>();
    for (int n = 0; n < CLIENTS; n++) {
      var client = new RudeClient(server, firstSeed + n);
      clients.add(() -> client.talkUntil(end));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      int sum = 0;
      for (Future<Integer> each : threads.invokeAll(clients)) {
        sum += each.get();
      }
      return sum;
    } catch (ExecutionException failure) {
      throw new AssertionError("log of the server:\n" + server.log(), failure);
    }
  }

  /** Waits until the server, and the application, have nobody left. */
  private static void settle(Server server) throws InterruptedException {
    List<String> none = List.of("0 calls", "0 busy", "0 in flight", "0 connections");
    long end = System.nanoTime() + Limits.ANSWER.toNanos();
    List<String> left = left(server);
    while (!left.equals(none) && System.nanoTime() - end < 0) {
      Thread.sleep(50);
      left = left(server);
    }
    assertThat(left).isEqualTo(none);
  }

  private static List<String> left(Server server) {
    String calls = server.ask("/left").text();
    return List.of(
        calls.substring(0, calls.indexOf(',')),
        figure(server, "sluice_workers_busy") + " busy",
        figure(server, "sluice_requests_in_flight") + " in flight",
        figure(server, "sluice_connections") + " connections");
  }

  private static long figure(Server server, String name) {
    try (Connection connection = Connection.to(server.adminPort())) {
      String text = connection.get("/metrics").read().text();
      Matcher found = Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(text);
      assertThat(found.find()).as(name + " in " + text).isTrue();
      return (long) Double.parseDouble(found.group(1));
    }
  }
}
