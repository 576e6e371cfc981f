package dev.sluice.server.http.websocket;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Messages that a listener that pauses has yet to get, in order; on the IO thread. */
final class Inbox {
  /** So many bytes are enough, however few messages they are. */
  private static final int MOST_BYTES = 256 * 1024;

  private final Deque<Message> messages = new ArrayDeque<>(0);
  private final int most;
  private long bytes;

  /** A copy of a message. */
  record Message(boolean text, ByteBuffer payload) {}

  /**
   * An empty one.
   *
   * @param most how many messages are enough
   */
  Inbox(int most) {
    this.most = most;
  }

  void add(boolean text, ByteBuffer payload) {
    ByteBuffer copy = ByteBuffer.allocate(payload.remaining()).put(payload).flip();
    bytes += copy.remaining();
    messages.add(new Message(text, copy));
  }

  @Nullable Message poll() {
    Message next = messages.poll();
    if (next != null) {
      bytes -= next.payload().remaining();
    }
    return next;
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  /** Whether nothing more should be read. */
  boolean isFull() {
    return messages.size() >= most || bytes >= MOST_BYTES;
  }

  void clear() {
    messages.clear();
    bytes = 0;
  }
}
