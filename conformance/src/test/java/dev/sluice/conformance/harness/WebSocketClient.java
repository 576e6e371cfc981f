package dev.sluice.conformance.harness;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's WebSocket client, whose events wait in a queue for the test: its own threads bring
 * them, the test's thread takes them, each as a line.
 */
public final class WebSocketClient implements AutoCloseable {
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(Limits.ANSWER).build();
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final WebSocket socket;

  private WebSocketClient(URI uri, String[] subprotocols, String[] headers) {
    WebSocket.Builder builder = client.newWebSocketBuilder().connectTimeout(Limits.ANSWER);
    if (subprotocols.length > 0) {
      String[] others = new String[subprotocols.length - 1];
      System.arraycopy(subprotocols, 1, others, 0, others.length);
      builder.subprotocols(subprotocols[0], others);
    }
    for (int n = 0; n < headers.length; n += 2) {
      builder.header(headers[n], headers[n + 1]);
    }
    socket = builder.buildAsync(uri, new Listener(events)).join();
  }

  /** Opens one; subprotocols may be offered. */
  public static WebSocketClient open(Server server, String path, String... subprotocols) {
    return new WebSocketClient(uri(server, path), subprotocols, new String[0]);
  }

  /** Opens one with these headers: names and values by turns. */
  public static WebSocketClient with(Server server, String path, String... headers) {
    return new WebSocketClient(uri(server, path), new String[0], headers);
  }

  /** Expects that the server answers in HTTP instead; the status. */
  public static int denied(Server server, String path) {
    try (WebSocketClient opened = open(server, path)) {
      throw new AssertionError("a WebSocket was opened: " + opened.socket);
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof WebSocketHandshakeException denial) {
        return denial.getResponse().statusCode();
      }
      throw failure;
    }
  }

  private static URI uri(Server server, String path) {
    return URI.create("ws://127.0.0.1:" + server.port() + path);
  }

  public String subprotocol() {
    return socket.getSubprotocol();
  }

  public WebSocketClient send(String text) {
    socket.sendText(text, true).join();
    return this;
  }

  public WebSocketClient send(byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
    return this;
  }

  public WebSocketClient ping(String text) {
    socket.sendPing(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))).join();
    return this;
  }

  public WebSocketClient close(int code, String reason) {
    socket.sendClose(code, reason).join();
    return this;
  }

  /** Ends the connection without a word. */
  public void abort() {
    socket.abort();
  }

  /**
   * The next event: `text ...`, `bytes ...` (in hexadecimal, or only the size of many), `pong ...`,
   * `close CODE REASON` or `broken`.
   */
  public String next() {
    try {
      String event = events.poll(Limits.ANSWER.toMillis(), TimeUnit.MILLISECONDS);
      if (event == null) {
        throw new AssertionError("nothing has come over the WebSocket");
      }
      return event;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
  }

  @Override
  public void close() {
    socket.abort();
    client.shutdownNow();
  }

  /** Called on threads of the client's, one call at a time. */
  private static final class Listener implements WebSocket.Listener {
    private final BlockingQueue<String> events;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder bytes = new StringBuilder();
    private int size;

    Listener(BlockingQueue<String> events) {
      this.events = events;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        events.add("text " + text);
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      size += data.remaining();
      while (data.hasRemaining() && bytes.length() < 100) {
        bytes.append("%02x".formatted(data.get()));
      }
      if (last) {
        events.add("bytes " + (size > 50 ? Integer.toString(size) : bytes.toString()));
        bytes.setLength(0);
        size = 0;
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
      events.add("pong " + StandardCharsets.UTF_8.decode(message));
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      events.add("close %d %s".formatted(code, reason).strip());
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      events.add("broken");
    }
  }
}
