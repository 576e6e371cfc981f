package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Microthreads;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More than there is room for: refused at once and said so, with memory that stays bounded. */
class OverloadTest {
  @Test
  void aFullQueueIsAnswered503WhileTheAdminPagesAnswerAtOnce() {
    Microthreads.doNotApply("--threads is no limit; MicrothreadServeTest has --limit-microthreads");
    try (Server server =
            Server.start(
                "http_app:app", "--limit-queue", "1", "--threads", "1", "--admin", "127.0.0.1:0");
        Gate gate = new Gate();
        Connection busy = server.connect();
        Connection waiting = server.connect()) {
      assertThat(adminStatus(server, "/-/ready")).isEqualTo(200);
      busy.get("/gate?gate=" + gate.port());
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("in");
        waiting.get("/which?n=1");
        Response refused = awaitRefusal(server);
        assertThat(refused.header("Retry-After")).isEqualTo("1");
        assertThat(refused.header("Connection")).as("the connection may be kept").isEmpty();

        long start = System.nanoTime();
        assertThat(adminStatus(server, "/-/live")).isEqualTo(200);
        assertThat(adminStatus(server, "/-/metrics")).isEqualTo(200);
        assertThat(adminStatus(server, "/-/ready")).as("a balancer goes elsewhere").isEqualTo(503);
        assertThat((System.nanoTime() - start) / 1e9).as("seconds").isLessThan(5);
      }
      assertThat(busy.read().text()).isEqualTo("through the gate");
      assertThat(waiting.read().text()).isEqualTo("1");
      assertThat(adminStatus(server, "/-/ready")).isEqualTo(200);
    }
  }

  private static int adminStatus(Server server, String path) {
    try (Connection connection = Connection.to(server.adminPort())) {
      return connection.get(path).read().status();
    }
  }

  /** The request that fills the queue may arrive a moment after the next connection's. */
  private static Response awaitRefusal(Server server) {
    var tried = new ArrayList<Connection>();
    try {
      for (int n = 0; n < 3; n++) {
        tried.add(server.connect().get("/which?n=refused"));
      }
      Response last = tried.getLast().read();
      assertThat(last.status()).isEqualTo(503);
      return last;
    } finally {
      tried.forEach(Connection::close);
    }
  }

  @Test
  void aConnectionTooManyIsAnswered503AndClosed() {
    try (Server server = Server.start("http_app:app", "--limit-connections", "3")) {
      var open = new ArrayList<Connection>();
      for (int n = 0; n < 3; n++) {
        open.add(server.connect());
        assertThat(open.getLast().get("/").read().status()).isEqualTo(200);
      }
      try (Connection tooMany = server.connect()) {
        assertThat(tooMany.read().status()).isEqualTo(503);
        assertThat(tooMany.closedByPeer()).isTrue();
      }
      assertThat(open.getFirst().get("/").read().status()).as("those that are in").isEqualTo(200);
      open.removeFirst().close();
      assertThat(askUntilLetIn(server)).isEqualTo(200);
      open.forEach(Connection::close);
    }
  }

  /**
   * That a connection has gone is seen a moment later. A client that has sent its request when it
   * is refused may see a reset instead of the refusal.
   */
  private static int askUntilLetIn(Server server) {
    int status = 503;
    for (int n = 0; n < 200 && status == 503; n++) {
      try (Connection connection = server.connect()) {
        status = connection.get("/").read().status();
      } catch (UncheckedIOException reset) {
        status = 503;
      }
    }
    return status;
  }

  @Tag("slow")
  @Test
  void tenThousandIdleConnectionsAreKeptWhileRequestsAreAnswered() throws IOException {
    int idle = 9_950;
    try (Server server = Server.start("http_app:app", "--timeout-idle", "0")) {
      long before = server.child().residentKilobytes();
      var open = new ArrayList<SocketChannel>();
      try {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
        for (int n = 0; n < idle; n++) {
          open.add(SocketChannel.open(address));
        }
        long start = System.nanoTime();
        for (int n = 0; n < 200; n++) {
          assertThat(server.ask("/which?n=" + n).text()).isEqualTo(Integer.toString(n));
        }
        assertThat((System.nanoTime() - start) / 1e9).as("seconds for 200").isLessThan(10);
        assertThat(server.child().residentKilobytes() - before).as("KB").isLessThan(200_000);
      } finally {
        for (SocketChannel each : open) {
          each.close();
        }
      }
      assertThat(server.get("/").statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/file?path={file}",
        "/file?as=proxy&path={file}",
        "/file?as=shouting&path={file}",
        "/blocks?size=10737418240",
        "/generator?gate={gate}",
        "/writes?gate={gate}",
        "/static/sparse.bin",
      })
  void tenGigabytesForASlowClientCostNoMemory(String target, @TempDir Path folder)
      throws IOException, InterruptedException {
    Path file = folder.resolve("sparse.bin");
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(10L << 30);
    }
    try (Gate gate = new Gate();
        Server server = Server.start("streams_app:app", "--static", "/static=" + folder)) {
      assertThat(server.ask("/alive").text()).isEqualTo("alive");
      long before = server.child().residentKilobytes();
      try (Connection connection = server.connect()) {
        connection.get(
            target.replace("{file}", file.toString()).replace("{gate}", "" + gate.port()));
        long read = 0;
        while (read < 200_000_000) {
          read += connection.skim(1 << 20);
        }
        // The reader pauses: what is sent without a reader is to pile up now, if ever.
        Thread.sleep(1500);
        assertThat(server.child().residentKilobytes() - before).as("KB").isLessThan(150_000);
        connection.reset();
      }
      assertThat(server.ask("/alive").text()).isEqualTo("alive");
      assertThat(openFiles(server, file)).as("nobody has the file open").isZero();
    }
  }

  private static long openFiles(Server server, Path file) throws InterruptedException {
    long open = 1;
    for (int n = 0; n < 100 && open > 0; n++) {
      Thread.sleep(20);
      open = descriptors(server).stream().filter(each -> each.equals(file)).count();
    }
    return open;
  }

  private static List<Path> descriptors(Server server) {
    var found = new ArrayList<Path>();
    Path folder = Path.of("/proc", Long.toString(server.child().pid()), "fd");
    try (var links = Files.newDirectoryStream(folder)) {
      for (Path link : links) {
        try {
          found.add(Files.readSymbolicLink(link));
        } catch (IOException closedMeanwhile) {
          // It was open a moment ago.
        }
      }
    } catch (IOException gone) {
      throw new AssertionError("no descriptors of the server", gone);
    }
    return found;
  }
}
