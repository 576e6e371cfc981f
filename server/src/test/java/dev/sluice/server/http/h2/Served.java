package dev.sluice.server.http.h2;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Forwarding;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.RequestBody;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.BindAddress;
import dev.sluice.server.http.HttpServer;
import dev.sluice.server.http.connection.BodyMode;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server on a free port whose answers come from a function, on threads that may block. */
final class Served implements AutoCloseable {
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final HttpServer server;
  final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();

  /** Answers a request. */
  interface Application {
    void answer(Exchange exchange) throws Exception;
  }

  Served(HttpLimits limits, boolean streamsBodies, Application application) {
    this(limits, streamsBodies ? BodyMode.STREAM_LARGE : BodyMode.COLLECT, application);
  }

  Served(HttpLimits limits, BodyMode bodyMode, Application application) {
    Serving serving =
        new Serving(
            limits,
            exchange -> {
              workers.execute(() -> run(application, exchange));
              return true;
            },
            (exchange, outcome) -> outcomes.add(outcome),
            Forwarding.NONE,
            bodyMode);
    server = new HttpServer(serving, 1);
    server.bind(new BindAddress.Tcp("127.0.0.1", 0));
  }

  Served(Application application) {
    this(HttpLimits.DEFAULT, false, application);
  }

  private void run(Application application, Exchange exchange) {
    try {
      application.answer(exchange);
    } catch (Exception | AssertionError e) {
      failures.add(e);
      exchange.abort();
    }
  }

  int port() {
    return URI.create(server.urls().getFirst()).getPort();
  }

  FrameClient connect(int... settings) throws IOException {
    return FrameClient.open(port(), settings);
  }

  int drain(Duration limit) throws InterruptedException {
    return server.drain(limit);
  }

  /** The outcome of the next request that ends. */
  Outcome outcome() throws InterruptedException {
    Outcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
    if (outcome == null) {
      throw new AssertionError("no request has ended");
    }
    return outcome;
  }

  static ResponseHead head(int status, String... fields) {
    ResponseHead head = new ResponseHead();
    head.reset(status, "Whatever");
    for (int i = 0; i < fields.length; i += 2) {
      head.header(fields[i], fields[i + 1]);
      if (fields[i].equalsIgnoreCase("content-length")) {
        head.declareContentLength(Long.parseLong(fields[i + 1]));
      }
    }
    return head;
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  static void ok(Exchange exchange) {
    exchange.respond(head(200), bytes("fine"));
  }

  /** The whole body, however it comes. */
  static byte[] body(Exchange exchange) throws IOException, InterruptedException {
    RequestBody body = exchange.body();
    if (body.isStream()) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      ByteBuffer piece = ByteBuffer.allocate(64 * 1024);
      while (body.read(piece) >= 0) {
        all.write(piece.array(), 0, piece.position());
        piece.clear();
      }
      return all.toByteArray();
    }
    if (body.file() != null) {
      return Files.readAllBytes(body.file());
    }
    byte[] all = new byte[(int) body.length()];
    body.copyTo(ByteBuffer.wrap(all));
    return all;
  }

  /** Ends the answers first: what they hold is given back on the IO thread. */
  @Override
  public void close() {
    workers.shutdownNow();
    try {
      if (!workers.awaitTermination(20, TimeUnit.SECONDS)) {
        throw new AssertionError("an answer does not end");
      }
      server.drain(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.close();
  }
}
