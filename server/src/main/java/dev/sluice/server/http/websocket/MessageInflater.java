package dev.sluice.server.http.websocket;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses messages (RFC 7692, 7.2.2), a step at a time, so that whoever asks for the steps can
 * stop; on the IO thread. It has 43 KiB of memory from the first message on; where messages do not
 * refer to those before them, only while there are some.
 */
final class MessageInflater {
  /** The least room for a step. */
  private static final int LEAST_ROOM = 512;

  /** What a sender leaves away at the end of each message. */
  private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

  private final boolean takesOver;
  private @Nullable Inflater inflater;
  private ByteBuffer input = ByteBuffer.allocate(0);

  /**
   * A decompressor before the first message.
   *
   * @param takesOver whether messages may refer to those before them
   */
  MessageInflater(boolean takesOver) {
    this.takesOver = takesOver;
  }

  /** What has to be put behind a message. */
  static ByteBuffer tail() {
    return ByteBuffer.wrap(TAIL);
  }

  /** Takes the next piece, which must stay valid until {@link #inflate} says false. */
  void setInput(ByteBuffer piece) {
    input = piece;
    if (inflater == null) {
      inflater = new Inflater(true);
    }
    inflater.setInput(piece);
  }

  /** Appends a part of what the piece becomes; false if there is no more. */
  boolean inflate(ByteBuf out) throws Failure {
    Inflater its = inflater;
    if (its == null) {
      return false;
    }
    out.ensureWritable(LEAST_ROOM);
    try {
      int size = its.inflate(out.internalNioBuffer(out.writerIndex(), out.writableBytes()));
      out.writerIndex(out.writerIndex() + size);
      if (its.finished()) {
        // A last block (BFINAL), behind which another stream may begin.
        its.reset();
        its.setInput(input);
        return size > 0 || input.hasRemaining();
      }
      return size > 0;
    } catch (DataFormatException e) {
      throw new Failure(Failure.INCONSISTENT, "a compressed message is malformed");
    }
  }

  void endMessage() {
    if (!takesOver && inflater != null) {
      inflater.reset();
    }
  }

  /** Nothing has come for a while. */
  void idle() {
    if (!takesOver) {
      close();
    }
  }

  void close() {
    if (inflater != null) {
      inflater.end();
      inflater = null;
    }
  }
}
