package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.files.FilesOptions;
import dev.sluice.server.files.Mount;
import dev.sluice.server.files.StaticFiles;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files from memory on their way to clients that are slow, while everything changes meanwhile. */
@Timeout(60)
class StaticOverWireTest {
  static {
    Leaks.watch();
  }

  private static final int SIZE = 200_000;
  private static final int REQUESTS = 40;

  @TempDir private Path folder;
  private StaticFiles files;
  private HttpServer server;
  private int port;

  @BeforeEach
  void start() {
    FilesOptions d = FilesOptions.DEFAULT;
    FilesOptions twoFiles =
        new FilesOptions(
            d.cacheControl(),
            d.immutableFingerprints(),
            d.smallestGzip(),
            d.largestGzip(),
            d.largestInMemory(),
            2L * SIZE + 10_000,
            Duration.ofMillis(100),
            d.threads(),
            d.queue());
    files = new StaticFiles(List.of(new Mount("/s", folder, false)), twoFiles, exchange -> false);
    server = new HttpServer(Serving.plain(HttpLimits.DEFAULT, files), 1);
    server.bind(ListenerOptions.plain(Site.ANY_PORT));
    port = URI.create(server.urls().getLast()).getPort();
  }

  @AfterEach
  void stop() {
    server.close();
    files.close();
    Leaks.assertNone();
  }

  private static byte[] filled(char with) {
    byte[] content = new byte[SIZE];
    Arrays.fill(content, (byte) with);
    return content;
  }

  /** In place: the file is the same one, and has other bytes. */
  private void fill(String name, char with) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(filled(with)), 0);
    }
  }

  /** Asks for a file many times, and reads nothing: it stays on its way. */
  private Socket askAndWait(String name) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(8192);
    socket.setSoTimeout(15_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    String request = "GET /s/%s HTTP/1.1\r\nHost: a\r\n\r\n".formatted(name);
    socket.getOutputStream().write(request.repeat(REQUESTS).getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static byte[] nextBody(Socket socket) throws IOException {
    int ends = 0;
    while (ends < 4) {
      int c = socket.getInputStream().read();
      assertThat(c).isNotNegative();
      ends = c == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : 0;
    }
    return socket.getInputStream().readNBytes(SIZE);
  }

  private byte[] ask(String name) throws IOException {
    try (Wire wire = Wire.plain(port)) {
      wire.get("/s/" + name).readHead();
      return wire.socket().getInputStream().readNBytes(SIZE);
    }
  }

  /** Whoever sent the file's own pages would mix the old and the new. */
  @Test
  void aFileThatChangesInPlaceArrivesAsItWasOrAsItIs() throws Exception {
    fill("a.bin", 'a');
    assertThat(ask("a.bin")).isEqualTo(filled('a'));
    try (Socket slow = askAndWait("a.bin")) {
      assertThat(nextBody(slow)).isEqualTo(filled('a'));
      fill("a.bin", 'b');
      while (!Arrays.equals(ask("a.bin"), filled('b'))) {
        Thread.sleep(20); // until the change is seen
      }
      boolean changed = false;
      for (int i = 1; i < REQUESTS; i++) {
        byte[] body = nextBody(slow);
        changed |= body[0] == 'b';
        assertThat(body).as("answer %s", i).isEqualTo(filled(changed ? 'b' : 'a'));
      }
    }
  }

  /** The memory of what was dropped must not be used again while it is on its way. */
  @Test
  void aFileThatIsDroppedFromTheCacheArrivesNevertheless() throws Exception {
    for (char name = 'a'; name <= 'h'; name++) {
      fill(name + ".bin", name);
    }
    assertThat(ask("a.bin")).isEqualTo(filled('a'));
    try (Socket slow = askAndWait("a.bin")) {
      for (int round = 0; round < 3; round++) {
        for (char name = 'b'; name <= 'h'; name++) {
          assertThat(ask(name + ".bin")).as("%s.bin", name).isEqualTo(filled(name));
        }
        System.gc();
      }
      Files.delete(folder.resolve("a.bin"));
      assertThat(nextBody(slow)).isEqualTo(filled('a'));
    }
  }
}
