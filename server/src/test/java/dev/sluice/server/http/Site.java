package dev.sluice.server.http;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.TlsDetails;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A server of a few pages, without Python: {@code /} says whom a request came from, {@code
 * /large/N} is N bytes, {@code /file/PATH} a file, {@code /slow} takes half a second.
 */
final class Site implements AutoCloseable {
  static final BindAddress ANY_PORT = new BindAddress.Tcp("127.0.0.1", 0);

  private static final byte[] PATTERN = new byte[64 * 1024];

  static {
    Leaks.watch();
    for (int i = 0; i < PATTERN.length; i++) {
      PATTERN[i] = (byte) (i * 31 + i / 256);
    }
  }

  private final HttpServer server;

  Site(HttpLimits limits) {
    server = new HttpServer(Serving.plain(limits, (RequestHandler) Site::accept), 1);
  }

  Site() {
    this(HttpLimits.DEFAULT);
  }

  /** The limits of a server, but for the handshake's. */
  static HttpLimits handshake(Duration limit) {
    return limits(HttpLimits.DEFAULT.requestBody(), HttpLimits.DEFAULT.connections(), limit);
  }

  static HttpLimits limits(long requestBody, int connections, Duration handshake) {
    HttpLimits d = HttpLimits.DEFAULT;
    return new HttpLimits(
        d.requestLine(),
        d.headerBytes(),
        d.headers(),
        requestBody,
        d.bodyInMemory(),
        d.bodiesInMemory(),
        connections,
        d.streams(),
        d.uploadRate(),
        d.idle(),
        d.keepAlive(),
        handshake,
        d.header(),
        d.body(),
        d.send());
  }

  HttpServer server() {
    return server;
  }

  /** Listens, and says on which port; 0 for what has none. */
  int bind(ListenerOptions options) {
    server.bind(options);
    String url = server.urls().getLast();
    int colon = url.lastIndexOf(':');
    return url.startsWith("http") ? Integer.parseInt(url.substring(colon + 1)) : 0;
  }

  private static boolean accept(Exchange exchange) {
    String target = exchange.request().target();
    if (target.startsWith("/large/")) {
      later(() -> sendLarge(exchange, Long.parseLong(target.substring(7))));
    } else if (target.startsWith("/file/")) {
      later(() -> sendFile(exchange, Path.of(target.substring(5)), null));
    } else if (target.startsWith("/shrinking/")) {
      later(() -> sendFile(exchange, Path.of(target.substring(10)), 1000L));
    } else if (target.equals("/slow")) {
      later(() -> {
        Thread.sleep(500);
        respond(exchange, "slow");
      });
    } else {
      respond(exchange, describe(exchange.peer()));
    }
    return true;
  }

  private interface Answer {
    void give() throws IOException, InterruptedException;
  }

  private static void later(Answer answer) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            answer.give();
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static String describe(Peer peer) {
    TlsDetails tls = peer.tls();
    return "%s %s %d %s %d %s"
        .formatted(
            peer.scheme(),
            peer.remoteAddress(),
            peer.remotePort(),
            peer.localAddress(),
            peer.localPort(),
            tls == null ? "-" : describe(tls));
  }

  private static String describe(TlsDetails tls) {
    String client =
        tls.clientCertificates().isEmpty()
            ? "-"
            : tls.clientCertificates().getFirst().getSubjectX500Principal().getName();
    return "%s %s [%s] %s".formatted(tls.version(), tls.cipher(), tls.serverName(), client);
  }

  private static void respond(Exchange exchange, String text) {
    ResponseHead head = new ResponseHead();
    head.reset(200, "OK");
    exchange.respond(head, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static ResponseHead head(long length) {
    ResponseHead head = new ResponseHead();
    head.reset(200, "OK");
    head.header("Content-Length", Long.toString(length));
    head.declareContentLength(length);
    return head;
  }

  /** The byte at a position of a large answer. */
  static byte byteAt(long position) {
    return PATTERN[(int) (position % PATTERN.length)];
  }

  private static void sendLarge(Exchange exchange, long length) throws InterruptedException {
    exchange.begin(head(length));
    for (long done = 0; done < length && exchange.isOpen(); done += PATTERN.length) {
      if (exchange.isCongested()) {
        exchange.awaitWritable();
      }
      int size = (int) Math.min(PATTERN.length, length - done);
      exchange.write(ByteBuffer.wrap(PATTERN, 0, size));
    }
    exchange.end();
  }

  private static void sendFile(Exchange exchange, Path path, @Nullable Long shrinksTo)
      throws IOException {
    long size = Files.size(path);
    FileChannel channel = FileChannel.open(path);
    exchange.begin(head(size));
    if (shrinksTo != null) {
      try (FileChannel other = FileChannel.open(path, StandardOpenOption.WRITE)) {
        other.truncate(shrinksTo);
      }
    }
    exchange.write(new FilePart(channel, 0, size));
    exchange.end();
  }

  @Override
  public void close() {
    server.close();
    Leaks.assertNone();
  }
}
