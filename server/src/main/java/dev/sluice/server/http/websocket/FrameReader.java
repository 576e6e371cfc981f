package dev.sluice.server.http.websocket;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Reads the frames that a client sends (RFC 6455, 5.2), whatever pieces they come in, and refuses
 * what is none as soon as that is seen. Payloads are unmasked where they are. On the IO thread.
 */
final class FrameReader {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private static final int FIN = 0x80;
  private static final int COMPRESSED = 0x40;
  private static final int OTHER_RESERVED = 0x30;
  private static final int MASKED = 0x80;
  private static final int MOST_CONTROL = 125;

  private enum State {
    FIRST,
    SECOND,
    LENGTH,
    MASK,
    PAYLOAD
  }

  /** Gets what the frames carry. */
  interface Target {
    /** A message begins; its first frame follows. */
    void begin(boolean text, boolean compressed);

    /** A frame of a message has so many bytes. */
    void frame(long length) throws Failure;

    /**
     * A piece of a message, valid during the call.
     *
     * @param whole whether it is all of the message
     */
    void piece(ByteBuffer piece, boolean whole) throws Failure;

    /** The message is complete. */
    void end() throws Failure;

    /** A control frame, whose payload is valid during the call. */
    void control(int opcode, ByteBuffer payload) throws Failure;
  }

  private final Target target;
  private final boolean mayCompress;
  private final ByteBuffer control = ByteBuffer.allocate(MOST_CONTROL);
  private State state = State.FIRST;
  private boolean inMessage;
  private boolean last;
  private int opcode;
  private long length;
  private int left;
  private int shortest;
  private int mask;
  private long done;
  private boolean ended;

  /**
   * A reader before the first frame.
   *
   * @param mayCompress whether compression was agreed on
   */
  FrameReader(Target target, boolean mayCompress) {
    this.target = target;
    this.mayCompress = mayCompress;
  }

  /** Reads to the end of a frame, or all that there is. */
  void read(ByteBuf in) throws Failure {
    ended = false;
    while (!ended && in.isReadable()) {
      switch (state) {
        case FIRST -> first(in.readByte());
        case SECOND -> second(in.readByte());
        case LENGTH -> length(in.readByte());
        case MASK -> mask(in.readByte());
        case PAYLOAD -> payload(in);
      }
    }
  }

  private void first(int bits) throws Failure {
    last = (bits & FIN) != 0;
    opcode = bits & 0xf;
    boolean compressed = (bits & COMPRESSED) != 0;
    if ((bits & OTHER_RESERVED) != 0) {
      throw Failure.protocol("a reserved bit is set");
    }
    switch (opcode) {
      case CONTINUATION -> {
        if (!inMessage) {
          throw Failure.protocol("there is no message to continue");
        }
      }
      case TEXT, BINARY -> {
        if (inMessage) {
          throw Failure.protocol("a message begins within another");
        }
      }
      case CLOSE, PING, PONG -> {
        if (!last) {
          throw Failure.protocol("a control frame is fragmented");
        }
      }
      default -> throw Failure.protocol("an unknown opcode");
    }
    boolean begins = opcode == TEXT || opcode == BINARY;
    if (compressed && !(mayCompress && begins)) {
      throw Failure.protocol("a frame is marked as compressed that cannot be");
    }
    if (begins) {
      target.begin(opcode == TEXT, compressed);
    }
    state = State.SECOND;
  }

  private void second(int bits) throws Failure {
    if ((bits & MASKED) == 0) {
      throw Failure.protocol("a frame of a client is not masked");
    }
    length = bits & 0x7f;
    if (opcode >= CLOSE && length > MOST_CONTROL) {
      throw Failure.protocol("a control frame is too long");
    }
    if (length < 126) {
      beginMask();
    } else {
      left = length == 126 ? 2 : 8;
      shortest = length == 126 ? 126 : 65536;
      length = 0;
      state = State.LENGTH;
    }
  }

  private void length(int bits) throws Failure {
    boolean first = left == 8 && length == 0;
    if (first && bits < 0) {
      throw Failure.protocol("the length of a frame is negative");
    }
    length = length << 8 | (bits & 0xff);
    left--;
    if (left == 0) {
      if (length < shortest) {
        throw Failure.protocol("the length of a frame takes more bytes than it needs");
      }
      beginMask();
    }
  }

  private void beginMask() throws Failure {
    if (opcode < CLOSE) {
      target.frame(length);
    }
    left = 4;
    mask = 0;
    state = State.MASK;
  }

  private void mask(int bits) throws Failure {
    mask = mask << 8 | (bits & 0xff);
    left--;
    if (left == 0) {
      state = State.PAYLOAD;
      done = 0;
      control.clear();
      if (length == 0) {
        end();
      }
    }
  }

  private void payload(ByteBuf in) throws Failure {
    int size = (int) Math.min(length - done, in.readableBytes());
    ByteBuffer piece = in.internalNioBuffer(in.readerIndex(), size);
    unmask(piece, Integer.rotateLeft(mask, 8 * (int) (done & 3)));
    in.skipBytes(size);
    boolean whole = done == 0 && size == length && last && opcode != CONTINUATION;
    done += size;
    if (opcode >= CLOSE) {
      control.put(piece);
    } else {
      target.piece(piece, whole);
    }
    if (done == length) {
      end();
    }
  }

  private void end() throws Failure {
    state = State.FIRST;
    ended = true;
    if (opcode >= CLOSE) {
      target.control(opcode, control.flip());
    } else {
      inMessage = !last;
      if (last) {
        target.end();
      }
    }
  }

  /** Applies a mask, whose first byte is for the first of the piece. */
  private static void unmask(ByteBuffer piece, int mask) {
    int at = piece.position();
    int end = piece.limit();
    long twice = (long) mask << 32 | (mask & 0xffffffffL);
    for (; at + 8 <= end; at += 8) {
      piece.putLong(at, piece.getLong(at) ^ twice);
    }
    for (int shift = 24; at < end; at++) {
      piece.put(at, (byte) (piece.get(at) ^ (mask >>> shift)));
      shift = shift == 0 ? 24 : shift - 8;
    }
  }
}
