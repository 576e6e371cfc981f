package dev.sluice.server.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.util.AsciiString;

/**
 * Netty's frame writer, on the connection's IO thread: tells how much of a stream's data has gone
 * out, and puts a small frame into one buffer. What a cookie says never enters the compression
 * table, where it could be guessed byte by byte.
 */
final class FrameWriter extends DefaultHttp2FrameWriter {
  private static final int HEADER = 9;
  private static final int END_STREAM = 0x1;
  private static final int SMALL = 4096;
  private static final AsciiString SET_COOKIE = AsciiString.cached("set-cookie");

  /** Is told of each frame of data. */
  interface Sent {
    void data(int stream, int bytes);
  }

  private final Sent sent;

  FrameWriter(Sent sent) {
    super(new DefaultHttp2HeadersEncoder((name, value) -> SET_COOKIE.contentEquals(name), true));
    this.sent = sent;
  }

  @Override
  public ChannelFuture writeData(
      ChannelHandlerContext context,
      int stream,
      ByteBuf data,
      int padding,
      boolean endStream,
      ChannelPromise promise) {
    int size = data.readableBytes();
    sent.data(stream, size);
    if (padding > 0 || size > SMALL) {
      return super.writeData(context, stream, data, padding, endStream, promise);
    }
    ByteBuf frame = context.alloc().directBuffer(HEADER + size);
    frame.writeMedium(size).writeByte(Http2FrameTypes.DATA);
    frame.writeByte(endStream ? END_STREAM : 0).writeInt(stream);
    frame.writeBytes(data);
    data.release();
    return context.write(frame, promise);
  }
}
