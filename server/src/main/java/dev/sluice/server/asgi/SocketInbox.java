package dev.sluice.server.asgi;

import dev.sluice.server.exchange.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What has come from a WebSocket's client and the application has not received; on the loop's
 * thread, attached or not.
 *
 * <p>When much is there the socket pauses, until the application has received half of it.
 */
final class SocketInbox implements WebSocket.Listener {
  private static final int MOST_MESSAGES = 64;
  private static final int MOST_BYTES = 256 * 1024;
  private static final int DENIED = 1006;

  private final WebSocket socket;
  private final Runnable arrived;
  private final Queue<Message> messages = new ArrayDeque<>();
  private int bytes;
  private boolean paused;
  private boolean awaited;
  private boolean closed;
  private int code;
  private String reason = "";

  /** A message; a text's payload is UTF-8. */
  static final class Message {
    private final boolean text;
    private final byte[] payload;

    Message(boolean text, byte[] payload) {
      this.text = text;
      this.payload = payload;
    }

    boolean text() {
      return text;
    }

    byte[] payload() {
      return payload;
    }
  }

  /**
   * Makes an empty one.
   *
   * @param arrived is called when something has come for somebody who waits
   */
  SocketInbox(WebSocket socket, Runnable arrived) {
    this.socket = socket;
    this.arrived = arrived;
  }

  /** The oldest message, if there is one. */
  @Nullable Message poll() {
    Message message = messages.poll();
    if (message != null) {
      bytes -= message.payload().length;
      if (paused && messages.size() <= MOST_MESSAGES / 2 && bytes <= MOST_BYTES / 2) {
        paused = false;
        socket.resume();
      }
    }
    return message;
  }

  @Override
  public boolean hasMore() {
    return !messages.isEmpty();
  }

  /** Somebody waits. */
  void await() {
    awaited = true;
  }

  /** Whether nothing more comes. */
  boolean isClosed() {
    return closed;
  }

  int code() {
    return code;
  }

  String reason() {
    return reason;
  }

  @Override
  public void message(boolean text, ByteBuffer payload) {
    byte[] copy = new byte[payload.remaining()];
    payload.get(copy);
    messages.add(new Message(text, copy));
    bytes += copy.length;
    if (!paused && (messages.size() >= MOST_MESSAGES || bytes >= MOST_BYTES)) {
      paused = true;
      socket.pause();
    }
    tell();
  }

  private void tell() {
    if (awaited) {
      awaited = false;
      arrived.run();
    }
  }

  @Override
  public void closed(int itsCode, String itsReason) {
    if (!closed) {
      closed = true;
      code = itsCode;
      reason = itsReason;
      tell();
    }
  }

  /** The client was gone before there was a WebSocket. */
  void gone() {
    closed(WebSocket.BROKEN, "");
  }

  /** There will be none. */
  void denied() {
    closed(DENIED, "");
  }
}
