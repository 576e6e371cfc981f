package dev.sluice.server.http.websocket;

import dev.sluice.server.exchange.WebSocket;
import dev.sluice.server.http.connection.WebSocketLimits;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a socket hears, on its IO thread: from bytes to frames to messages to the listener, which
 * may pause. While it does, messages are kept; when there are enough, bytes are kept, and the
 * carrier stops reading.
 */
final class Incoming implements MessageReader.Target {
  private static final Logger LOG = LoggerFactory.getLogger(Incoming.class);

  private final Session session;
  private final WebSocket.Listener listener;
  private final Carrier carrier;
  private final FrameReader frames;
  private final MessageReader messages;
  private final Inbox inbox;
  private final Deque<ByteBuf> unread = new ArrayDeque<>(0);
  private @Nullable ByteBuf current;
  private boolean working;
  private boolean paused;
  private boolean dropping;
  private boolean reading = true;
  private boolean inputEnded;
  private boolean ended;
  private long delivered;
  private boolean told;
  private int code;
  private String reason = "";

  Incoming(
      Session session,
      WebSocket.Listener listener,
      Carrier carrier,
      WebSocketLimits limits,
      @Nullable Deflation deflation) {
    this.session = session;
    this.listener = listener;
    this.carrier = carrier;
    MessageInflater inflater =
        deflation == null ? null : new MessageInflater(deflation.clientTakesOver());
    messages = new MessageReader(this, limits, carrier.allocator(), inflater);
    frames = new FrameReader(messages, inflater != null);
    inbox = new Inbox(limits.queued());
  }

  /** Takes bytes, which stay the caller's; what cannot be read now is copied. */
  void received(ByteBuf bytes) {
    if (ended) {
      return;
    }
    if (bytes.nioBufferCount() == 1) {
      receivedWhole(bytes);
      return;
    }
    ByteBuf copy = carrier.allocator().buffer(bytes.readableBytes()).writeBytes(bytes);
    try {
      receivedWhole(copy);
    } finally {
      copy.release();
    }
  }

  private void receivedWhole(ByteBuf bytes) {
    current = bytes;
    work();
    current = null;
    if (!ended && bytes.isReadable()) {
      unread.add(carrier.allocator().buffer(bytes.readableBytes()).writeBytes(bytes));
    }
  }

  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
    work();
  }

  /** From now on messages are of no interest. */
  void drop() {
    dropping = true;
    inbox.clear();
    resume();
  }

  /** Nothing more comes; the session is told when what there is has been used up. */
  void inputEnded() {
    inputEnded = true;
    work();
  }

  /** Whether all that the client says has come, and not all of it has been read. */
  boolean isLeftOver() {
    return inputEnded && !ended && hasUnread();
  }

  private boolean hasUnread() {
    return !unread.isEmpty() || (current != null && current.isReadable());
  }

  /** Whether the listener has messages that nobody has answered. */
  boolean listenerHasMore() {
    return listener.hasMore();
  }

  /** How many messages the listener has had. */
  long delivered() {
    return delivered;
  }

  /** Hears no more; the listener is told so behind what it has yet to get. */
  void end(int endCode, String endReason) {
    if (!ended) {
      ended = true;
      code = endCode;
      reason = endReason;
      work();
    }
  }

  /** Whether the client is heard. */
  boolean isReading() {
    return reading;
  }

  /** Does what can be done; the only place from which the listener and the readers are called. */
  private void work() {
    if (working) {
      return;
    }
    working = true;
    try {
      while (deliverNext() || readNext() || useUp()) {
        // until neither has anything to do
      }
    } finally {
      working = false;
    }
    if (ended) {
      free();
    } else if (reading == isFull() && !session.isClosed()) {
      reading = !reading;
      carrier.setReading(reading);
    }
  }

  private boolean isFull() {
    return inbox.isFull();
  }

  private boolean deliverNext() {
    Inbox.Message next = paused ? null : inbox.poll();
    if (next != null) {
      deliver(next.text(), next.payload());
      return true;
    }
    if (ended && !told && inbox.isEmpty()) {
      told = true;
      tellEnd(listener, code, reason);
    }
    return false;
  }

  static void tellEnd(WebSocket.Listener listener, int code, String reason) {
    try {
      listener.closed(code, reason);
    } catch (RuntimeException | Error e) {
      LOG.error("the end of a WebSocket could not be told: {}", e.toString());
    }
  }

  private boolean readNext() {
    ByteBuf kept = unread.peek();
    ByteBuf source = kept == null ? current : kept;
    if (ended || isFull() || source == null || !source.isReadable()) {
      return false;
    }
    try {
      frames.read(source);
    } catch (Failure e) {
      session.fail(e.code(), e.reason());
    }
    if (kept != null && !kept.isReadable()) {
      unread.remove().release();
    }
    return true;
  }

  private boolean useUp() {
    if (ended || !inputEnded || hasUnread() || !inbox.isEmpty()) {
      return false;
    }
    session.usedUp();
    return ended;
  }

  @Override
  public void message(boolean text, ByteBuffer payload) {
    if (dropping || ended) {
      return;
    }
    if (paused || !inbox.isEmpty()) {
      inbox.add(text, payload);
    } else {
      deliver(text, payload);
    }
  }

  private void deliver(boolean text, ByteBuffer payload) {
    delivered++;
    try {
      listener.message(text, payload);
    } catch (RuntimeException | Error e) {
      LOG.error("a message of a WebSocket could not be delivered: {}", e.toString());
      session.fail(CloseCodes.INTERNAL_ERROR, "");
    }
  }

  @Override
  public void control(int opcode, ByteBuffer payload) throws Failure {
    session.control(opcode, payload);
  }

  /** Frees memory that has not been used for a while. */
  void idle() {
    if (!working) {
      messages.idle();
    }
  }

  private void free() {
    while (!unread.isEmpty()) {
      unread.remove().release();
    }
    messages.close();
  }
}
