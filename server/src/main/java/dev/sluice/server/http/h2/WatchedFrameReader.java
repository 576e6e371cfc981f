package dev.sluice.server.http.h2;

import dev.sluice.server.http.h2.FrameBudget.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2HeadersDecoder;

/**
 * Netty's frame reader, given one whole frame at a time; on the connection's IO thread. So it is
 * known what has not yet arrived as a whole, for the timeouts, and every frame is counted before
 * anything is done for it.
 */
final class WatchedFrameReader extends DefaultHttp2FrameReader {
  private static final int HEADER = 9;
  private static final int END_STREAM = 0x1;
  private static final int END_HEADERS = 0x4;
  private static final int ACK = 0x1;

  /** Smaller pieces of a header block than 8 KiB, in a row; Netty refuses more (CVE-2024-27316). */
  private static final int SMALL_CONTINUATIONS = 16;

  /** Is asked before a header block is decoded. */
  interface Streams {
    /**
     * Checks that this stream may have header fields.
     *
     * @throws Http2Exception to end the connection
     */
    void checkHeaders(int stream) throws Http2Exception;
  }

  private final FrameBudget budget;
  private final Streams streams;
  private long units;
  private boolean inHeaders;
  private boolean readsHeaders;
  private boolean inOther;
  private boolean stopped;
  private int dataStream;
  private int dataBytes;

  WatchedFrameReader(Http2HeadersDecoder decoder, FrameBudget budget, Streams streams) {
    super(decoder, SMALL_CONTINUATIONS);
    this.budget = budget;
    this.streams = streams;
  }

  @Override
  public void readFrame(ChannelHandlerContext context, ByteBuf input, Http2FrameListener listener)
      throws Http2Exception {
    inOther = false;
    dataStream = 0;
    while (input.isReadable()) {
      if (stopped) {
        input.skipBytes(input.readableBytes());
        return;
      }
      if (input.readableBytes() < HEADER) {
        inOther = true;
        return;
      }
      int start = input.readerIndex();
      int length = input.getUnsignedMedium(start);
      int type = input.getByte(start + 3);
      if (length <= maxFrameSize() && input.readableBytes() < HEADER + length) {
        notePartial(input, type);
        return;
      }
      readOne(context, input, length, type, listener);
    }
  }

  private void notePartial(ByteBuf input, int type) {
    if (type == Http2FrameTypes.DATA) {
      dataStream = stream(input);
      dataBytes = input.readableBytes() - HEADER;
    } else {
      inOther = true;
    }
  }

  /** A frame that is too long is given to Netty as it is, to be refused. */
  private void readOne(
      ChannelHandlerContext context,
      ByteBuf input,
      int length,
      int type,
      Http2FrameListener listener)
      throws Http2Exception {
    int flags = input.getByte(input.readerIndex() + 4);
    spend(type, flags, length);
    if (type == Http2FrameTypes.HEADERS && !inHeaders) {
      streams.checkHeaders(stream(input));
    }
    readsHeaders = type == Http2FrameTypes.HEADERS || type == Http2FrameTypes.CONTINUATION;
    inHeaders = readsHeaders && (flags & END_HEADERS) == 0;
    if (!inHeaders) {
      units++;
    }
    int end = input.writerIndex();
    input.writerIndex(Math.min(end, input.readerIndex() + HEADER + length));
    try {
      super.readFrame(context, input, listener);
    } finally {
      input.writerIndex(end);
    }
  }

  private static int stream(ByteBuf frame) {
    return frame.getInt(frame.readerIndex() + 5) & Integer.MAX_VALUE;
  }

  private void spend(int type, int flags, int length) throws Http2Exception {
    switch (type) {
      case Http2FrameTypes.DATA -> {
        if (length == 0 && (flags & END_STREAM) == 0) {
          budget.spend(Kind.EMPTY_DATA);
        }
      }
      case Http2FrameTypes.RST_STREAM -> budget.spend(Kind.RESET);
      case Http2FrameTypes.PRIORITY -> budget.spend(Kind.PRIORITY);
      case Http2FrameTypes.SETTINGS -> {
        if ((flags & ACK) == 0) {
          budget.spend(Kind.SETTINGS);
        }
      }
      case Http2FrameTypes.PING -> budget.spend(Kind.PING);
      case Http2FrameTypes.HEADERS,
          Http2FrameTypes.CONTINUATION,
          Http2FrameTypes.WINDOW_UPDATE,
          Http2FrameTypes.GO_AWAY -> {}
      // Netty would refuse it too, but only once it has read the header block in it.
      case Http2FrameTypes.PUSH_PROMISE ->
          throw Http2Exception.connectionError(Http2Error.PROTOCOL_ERROR, "a client cannot push");
      default -> budget.spend(Kind.UNKNOWN);
    }
  }

  /** Whether the last frame that arrived was one of a header block. */
  boolean readsHeaders() {
    return readsHeaders;
  }

  /** Takes no more frames, those included that have arrived together with the last one. */
  void stop() {
    stopped = true;
  }

  /** How many frames, or header blocks of several frames, have arrived as a whole. */
  long units() {
    return units;
  }

  /** Whether a part of a header block has arrived, or of a frame that has no data in it. */
  boolean isMidway() {
    return inHeaders || inOther;
  }

  /** How much of a frame of data has arrived that is not there as a whole. */
  int partialData(int stream) {
    return stream == dataStream ? dataBytes : 0;
  }
}
