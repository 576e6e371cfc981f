package dev.sluice.server.http.websocket;

import dev.sluice.server.http.connection.WebSocketLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts messages together from what frames carry, within the limits; on the IO thread. A message
 * that comes in one piece, and not compressed, is never copied.
 */
final class MessageReader implements FrameReader.Target {
  /** The least that is allocated, and the most before as much has come. */
  private static final int LEAST = 256;

  private static final int MOST_AT_FIRST = 64 * 1024;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** Gets what is complete; each buffer is valid during the call. */
  interface Target {
    void message(boolean text, ByteBuffer payload);

    void control(int opcode, ByteBuffer payload) throws Failure;
  }

  private final Target target;
  private final WebSocketLimits limits;
  private final ByteBufAllocator allocator;
  private final @Nullable MessageInflater inflater;
  private final Utf8 utf8 = new Utf8();
  private boolean text;
  private boolean compressed;
  private boolean delivered;
  private long received;
  private int expected;
  private @Nullable ByteBuf message;

  MessageReader(
      Target target,
      WebSocketLimits limits,
      ByteBufAllocator allocator,
      @Nullable MessageInflater inflater) {
    this.target = target;
    this.limits = limits;
    this.allocator = allocator;
    this.inflater = inflater;
  }

  @Override
  public void begin(boolean isText, boolean isCompressed) {
    text = isText;
    compressed = isCompressed;
    received = 0;
    utf8.reset();
  }

  @Override
  public void frame(long length) throws Failure {
    if (length > limits.frame()) {
      throw new Failure(Failure.TOO_LARGE, "a frame has at most " + limits.frame() + " bytes here");
    }
    received += length;
    if (received > limits.message()) {
      throw tooLarge();
    }
    expected = (int) length;
  }

  private Failure tooLarge() {
    return new Failure(
        Failure.TOO_LARGE, "a message has at most " + limits.message() + " bytes here");
  }

  @Override
  public void piece(ByteBuffer piece, boolean whole) throws Failure {
    if (compressed) {
      inflate(piece);
    } else if (whole) {
      check(piece, true);
      delivered = true;
      target.message(text, piece);
    } else {
      check(piece, false);
      buffer().writeBytes(piece);
    }
  }

  private void inflate(ByteBuffer piece) throws Failure {
    ByteBuf out = buffer();
    if (inflater == null) {
      throw new IllegalStateException("compression was not agreed on");
    }
    inflater.setInput(piece);
    int before = out.writerIndex();
    while (inflater.inflate(out)) {
      if (out.readableBytes() > limits.message()) {
        throw tooLarge();
      }
      if (text) {
        check(out.internalNioBuffer(before, out.writerIndex() - before), false);
      }
      before = out.writerIndex();
    }
  }

  private void check(ByteBuffer piece, boolean whole) throws Failure {
    if (text && (!utf8.take(piece) || (whole && !utf8.isComplete()))) {
      throw Failure.notUtf8();
    }
  }

  /** Where the message is put together. */
  private ByteBuf buffer() {
    ByteBuf buffer = message;
    if (buffer == null) {
      buffer = allocator.buffer(Math.clamp(expected, LEAST, MOST_AT_FIRST));
      message = buffer;
    }
    return buffer;
  }

  @Override
  public void end() throws Failure {
    if (delivered) {
      delivered = false;
      return;
    }
    try {
      if (compressed && inflater != null) {
        inflate(MessageInflater.tail());
        inflater.endMessage();
      }
      if (text && !utf8.isComplete()) {
        throw Failure.notUtf8();
      }
      ByteBuf whole = message;
      target.message(
          text,
          whole == null
              ? NOTHING.duplicate()
              : whole.internalNioBuffer(whole.readerIndex(), whole.readableBytes()));
    } finally {
      forget();
    }
  }

  @Override
  public void control(int opcode, ByteBuffer payload) throws Failure {
    target.control(opcode, payload);
  }

  private void forget() {
    ByteBuf forgotten = message;
    message = null;
    if (forgotten != null) {
      forgotten.release();
    }
  }

  /** Nothing has come for a while. */
  void idle() {
    if (inflater != null && message == null) {
      inflater.idle();
    }
  }

  /** Frees what is held; nothing is read any more. */
  void close() {
    forget();
    if (inflater != null) {
      inflater.close();
    }
  }
}
