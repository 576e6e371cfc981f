package dev.sluice.server.http.websocket;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Compresses messages (RFC 7692, 7.2.1), as fast as zlib can, on the IO thread. It has 256 KiB of
 * memory while messages are sent; what it knows of earlier ones may be forgotten at any time, since
 * nobody has to refer to it.
 *
 * <p>The JDK's zlib always looks 32 KiB back. For a client with a smaller window everything is
 * forgotten whenever as many bytes have been compressed as that holds: what follows refers to
 * nothing before, which costs some compression and no memory.
 */
final class MessageDeflater {
  private static final int LARGEST_WINDOW = 15;

  /** The least room for a step: zlib wants more than 6 bytes to end a block just once. */
  private static final int LEAST_ROOM = 64;

  /** What the end of a message leaves away. */
  private static final int TAIL = 4;

  private final boolean takesOver;
  private final int window;
  private @Nullable Deflater deflater;
  private int used;

  /**
   * A compressor before the first message.
   *
   * @param takesOver whether messages may refer to those before them
   * @param windowBits how far back the client can look: 8 to 15, as a power of two
   */
  MessageDeflater(boolean takesOver, int windowBits) {
    this.takesOver = takesOver;
    window = windowBits == LARGEST_WINDOW ? Integer.MAX_VALUE : 1 << windowBits;
  }

  /** Appends a compressed message, which has at least one byte. */
  void deflate(ByteBuffer message, ByteBuf out) {
    Deflater its = deflater;
    if (its == null) {
      its = new Deflater(Deflater.BEST_SPEED, true);
      deflater = its;
      used = 0;
    }
    int end = message.limit();
    while (message.position() < end) {
      if (used == window) {
        its.reset();
        used = 0;
      }
      int size = Math.min(end - message.position(), window - used);
      its.setInput(message.limit(message.position() + size));
      flush(its, out);
      used = window == Integer.MAX_VALUE ? 0 : used + size;
      message.limit(end);
    }
    out.writerIndex(out.writerIndex() - TAIL);
    if (!takesOver) {
      its.reset();
      used = 0;
    }
  }

  private static void flush(Deflater its, ByteBuf out) {
    boolean full = true;
    while (full) {
      out.ensureWritable(LEAST_ROOM);
      int room = out.writableBytes();
      int size = its.deflate(out.internalNioBuffer(out.writerIndex(), room), Deflater.SYNC_FLUSH);
      out.writerIndex(out.writerIndex() + size);
      full = size == room;
    }
  }

  /** Frees the memory; the next message gets new one. */
  void close() {
    if (deflater != null) {
      deflater.end();
      deflater = null;
    }
  }
}
