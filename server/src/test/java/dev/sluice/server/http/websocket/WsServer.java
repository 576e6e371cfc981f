package dev.sluice.server.http.websocket;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Forwarding;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.WebSocket;
import dev.sluice.server.http.BindAddress;
import dev.sluice.server.http.HttpServer;
import dev.sluice.server.http.connection.BodyMode;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.connection.WebSocketLimits;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server of WebSockets whose handler is the test's; what it is told is kept. {@link #echo} is the
 * usual one.
 */
final class WsServer implements AutoCloseable {
  private final HttpServer server;
  final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  final BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();

  /** Takes a request on the IO thread. */
  interface Application {
    void take(Exchange exchange, WsServer server);
  }

  WsServer(@Nullable WebSocketLimits limits, Application application) {
    Serving serving =
        new Serving(
            HttpLimits.DEFAULT,
            exchange -> {
              application.take(exchange, this);
              return true;
            },
            (exchange, outcome) -> outcomes.add(outcome),
            Forwarding.NONE,
            BodyMode.COLLECT);
    server = new HttpServer(limits == null ? serving : serving.with(limits), 1);
    server.bind(new BindAddress.Tcp("127.0.0.1", 0));
  }

  WsServer(Application application) {
    this(WebSocketLimits.DEFAULT, application);
  }

  /** The usual limits but for a few. */
  static WebSocketLimits limits(int message, int queued, int pingSeconds, int closeSeconds) {
    return new WebSocketLimits(
        message,
        message,
        queued,
        Duration.ofSeconds(pingSeconds),
        Duration.ofSeconds(1),
        Duration.ofSeconds(closeSeconds),
        true);
  }

  /** Sends back what comes; the first subprotocol is spoken. Other requests get a text. */
  static void echo(Exchange exchange, WsServer server) {
    WebSocket socket = exchange.webSocket();
    if (socket == null) {
      answer(exchange, 200, "plain");
      return;
    }
    server.sockets.add(socket);
    String subprotocol = socket.subprotocols().isEmpty() ? null : socket.subprotocols().getFirst();
    socket.accept(subprotocol, nothing(), server.echoing(socket));
  }

  /** A server that accepts, keeps the socket for the test, and tells what comes. */
  static WsServer recording(int queued, int pingSeconds, int closeSeconds) {
    return new WsServer(
        limits(1 << 20, queued, pingSeconds, closeSeconds),
        (exchange, its) -> {
          WebSocket socket = exchange.webSocket();
          if (socket == null) {
            answer(exchange, 200, "plain");
          } else {
            socket.accept(null, nothing(), its.recording());
            its.sockets.add(socket);
          }
        });
  }

  WebSocket.Listener echoing(WebSocket socket) {
    return new WebSocket.Listener() {
      @Override
      public void message(boolean text, ByteBuffer payload) {
        socket.send(text, payload);
      }

      @Override
      public void closed(int code, String reason) {
        events.add("closed " + code + (reason.isEmpty() ? "" : " " + reason));
      }
    };
  }

  /** A listener that keeps what it is told. */
  WebSocket.Listener recording() {
    return new WebSocket.Listener() {
      @Override
      public void message(boolean text, ByteBuffer payload) {
        events.add((text ? "text " : "binary ") + StandardCharsets.UTF_8.decode(payload));
      }

      @Override
      public void closed(int code, String reason) {
        events.add("closed " + code + (reason.isEmpty() ? "" : " " + reason));
      }
    };
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  static ResponseHead nothing() {
    ResponseHead head = new ResponseHead();
    head.reset(200, "OK");
    return head;
  }

  static void answer(Exchange exchange, int status, String text) {
    ResponseHead head = new ResponseHead();
    head.reset(status, "Whatever");
    exchange.respond(head, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  int port() {
    return URI.create(server.urls().getFirst()).getPort();
  }

  HttpServer server() {
    return server;
  }

  String event() throws InterruptedException {
    return String.valueOf(events.poll(20, TimeUnit.SECONDS));
  }

  /** Pauses; no message is delivered from now on. */
  static void pause(WebSocket socket) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    socket.pause();
    socket.whenWritable(done::countDown);
    if (!done.await(20, TimeUnit.SECONDS)) {
      throw new AssertionError("the IO thread is busy");
    }
  }

  WebSocket socket() throws InterruptedException {
    WebSocket socket = sockets.poll(20, TimeUnit.SECONDS);
    if (socket == null) {
      throw new AssertionError("no socket was opened");
    }
    return socket;
  }

  Outcome outcome() throws InterruptedException {
    Outcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
    if (outcome == null) {
      throw new AssertionError("no request has ended");
    }
    return outcome;
  }

  @Override
  public void close() {
    server.close();
  }
}
