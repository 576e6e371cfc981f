package dev.sluice.server.http.websocket;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes frames of what is sent, each message one; on the IO thread. Frames that are sent before the
 * next flush share buffers.
 */
final class FrameOutput {
  private static final int FIN = 0x80;
  private static final int COMPRESSED = 0x40;

  /** The longest header of a frame of a server. */
  private static final int MOST_HEADER = 10;

  /** The least that is allocated for frames. */
  private static final int LEAST_BUFFER = 1024;

  /** Shorter messages are not worth compressing. */
  private static final int LEAST_COMPRESSED = 64;

  private final Carrier carrier;
  private final @Nullable MessageDeflater deflater;
  private @Nullable ByteBuf buffer;
  private boolean unflushed;
  private boolean quiet;
  private long sent;

  FrameOutput(Carrier carrier, @Nullable MessageDeflater deflater) {
    this.carrier = carrier;
    this.deflater = deflater;
  }

  void message(boolean text, ByteBuffer payload) {
    int opcode = text ? FrameReader.TEXT : FrameReader.BINARY;
    int size = payload.remaining();
    quiet = false;
    sent += size;
    if (deflater != null && size >= LEAST_COMPRESSED) {
      compressed(deflater, opcode, payload.duplicate());
    } else {
      frame(opcode, payload);
    }
  }

  void frame(int opcode, ByteBuffer payload) {
    int size = payload.remaining();
    ByteBuf out = room(Math.addExact(size, MOST_HEADER));
    header(out, FIN | opcode, size);
    int before = payload.position();
    out.writeBytes(payload);
    payload.position(before);
    unflushed = true;
  }

  /** The header is as long as the compressed length wants, and stands before what is known last. */
  private void compressed(MessageDeflater its, int opcode, ByteBuffer payload) {
    passOn();
    ByteBuf out = carrier.allocator().directBuffer(LEAST_BUFFER + payload.remaining() / 2);
    try {
      out.writerIndex(MOST_HEADER);
      its.deflate(payload, out);
      int end = out.writerIndex();
      int size = end - MOST_HEADER;
      int start = MOST_HEADER - headerSize(size);
      out.setIndex(start, start);
      header(out, FIN | COMPRESSED | opcode, size);
      out.writerIndex(end);
    } catch (RuntimeException | Error e) {
      out.release();
      its.close(); // nobody has seen what it would refer to
      throw e;
    }
    unflushed = true;
    carrier.write(out);
  }

  private static int headerSize(int size) {
    return size < 126 ? 2 : size < 65536 ? 4 : MOST_HEADER;
  }

  private static void header(ByteBuf out, int first, int size) {
    out.writeByte(first);
    if (size < 126) {
      out.writeByte(size);
    } else if (size < 65536) {
      out.writeByte(126).writeShort(size);
    } else {
      out.writeByte(127).writeLong(size);
    }
  }

  private ByteBuf room(int size) {
    ByteBuf out = buffer;
    if (out != null && out.writableBytes() < size) {
      passOn();
      out = null;
    }
    if (out == null) {
      out = carrier.allocator().directBuffer(Math.max(size, LEAST_BUFFER));
      buffer = out;
    }
    return out;
  }

  /** Gives the carrier what has been framed. */
  private void passOn() {
    ByteBuf full = buffer;
    buffer = null;
    if (full != null) {
      carrier.write(full);
    }
  }

  /** Sends everything now. */
  void flush() {
    if (unflushed) {
      unflushed = false;
      passOn();
      carrier.flush();
    }
  }

  /** How many bytes the messages had that were sent. */
  long sent() {
    return sent;
  }

  /** Called now and then: frees memory that has not been used since the last time. */
  void idle() {
    if (quiet && deflater != null) {
      deflater.close();
    }
    quiet = true;
  }

  /** Frees what is held; nothing is sent any more. */
  void close() {
    if (buffer != null) {
      buffer.release();
      buffer = null;
    }
    unflushed = false;
    if (deflater != null) {
      deflater.close();
    }
  }
}
