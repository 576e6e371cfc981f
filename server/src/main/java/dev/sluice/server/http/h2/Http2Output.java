package dev.sluice.server.http.h2;

import dev.sluice.server.http.connection.IoThread;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AsciiString;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Puts the frames of a connection on the wire, and ends it; on its IO thread. */
final class Http2Output {
  private static final int LAST_POSSIBLE = Integer.MAX_VALUE;
  private static final int MOST_DEBUG_DATA = 200;

  /** Answers that come closer together than this share a system call, if flushes are deferred. */
  private static final long PASS_NANOS = 200_000;

  private final SessionHandler handler;
  private final ChannelHandlerContext context;
  private final Channel channel;
  private final IoThread io;
  private boolean flushing;
  private long flushedAt;
  private boolean announced;
  private boolean closing;
  private byte @Nullable [] dateLine;
  private AsciiString date = AsciiString.EMPTY_STRING;

  Http2Output(SessionHandler handler, ChannelHandlerContext context, IoThread io) {
    this.handler = handler;
    this.context = context;
    this.io = io;
    channel = context.channel();
  }

  ChannelHandlerContext context() {
    return context;
  }

  Http2ConnectionEncoder encoder() {
    return handler.encoder();
  }

  ChannelPromise promise() {
    return context.newPromise();
  }

  /** Gives window back: the client may send so many bytes more on this stream. */
  void consumed(Http2Stream stream, int bytes) {
    try {
      if (handler.decoder().flowController().consumeBytes(stream, bytes)) {
        flushSoon();
      }
    } catch (Http2Exception e) {
      handler.onError(context, false, e);
    }
  }

  /** Flushes once for all that is written until then: many answers go out with one system call. */
  void flushSoon() {
    if (!flushing) {
      flushing = true;
      io.flushLater(this::flushNow);
    }
  }

  /**
   * The same behind a part of an answer, which leaves at once unless others are likely to follow in
   * this pass: whoever sends may keep the loop busy for long afterwards.
   */
  void flushAnswer() {
    boolean alone = handler.connection().numActiveStreams() <= 1;
    if (io.defersFlushes() && (alone || System.nanoTime() - flushedAt > PASS_NANOS)) {
      flushNow();
    } else {
      flushSoon();
    }
  }

  private void flushNow() {
    flushing = false;
    flushedAt = System.nanoTime();
    handler.flush(context);
  }

  /** The value of this second's Date header. */
  AsciiString date() {
    byte[] line = io.date();
    if (line != dateLine) {
      dateLine = line;
      int name = "Date: ".length();
      date = new AsciiString(line, name, line.length - name - 2, false);
    }
    return date;
  }

  /** Says that the connection will end soon, and asks for an answer. */
  void announce() {
    announced = true;
    goAway(LAST_POSSIBLE, Http2Error.NO_ERROR, "");
    encoder().writePing(context, false, 0, context.newPromise());
    context.flush();
  }

  /** Whether that was said, and not yet which request is the last. */
  boolean isAnnounced() {
    return announced && !closing;
  }

  /** Says that no request will be taken after those that are here. */
  void announceEnd() {
    announced = false;
    goAway(lastStream(), Http2Error.NO_ERROR, "");
    context.flush();
  }

  private int lastStream() {
    return handler.connection().remote().lastStreamCreated();
  }

  private ChannelFuture goAway(int last, Http2Error error, String why) {
    ByteBuf text =
        why.isEmpty()
            ? Unpooled.EMPTY_BUFFER
            : ByteBufUtil.encodeString(
                context.alloc(),
                CharBuffer.wrap(why, 0, Math.min(why.length(), MOST_DEBUG_DATA)),
                StandardCharsets.UTF_8);
    if (error == Http2Error.NO_ERROR) {
      return handler.goAway(context, last, error.code(), text, context.newPromise());
    }
    // (Netty's own way would close the connection before the client could read why.)
    return handler
        .encoder()
        .frameWriter()
        .writeGoAway(context, last, error.code(), text, context.newPromise());
  }

  /** Says why the connection ends, and ends our side of it; what still comes is thrown away. */
  void end(Http2Error error, String why) {
    announced = false;
    closing = true;
    handler.reader().stop();
    int last = lastStream();
    handler.connection().close(context.voidPromise());
    boolean said = handler.connection().goAwaySent() && error == Http2Error.NO_ERROR;
    ChannelFuture written = said ? context.write(Unpooled.EMPTY_BUFFER) : goAway(last, error, why);
    written.addListener(future -> {
      if (future.isSuccess()
          && channel instanceof DuplexChannel duplex
          && !duplex.isInputShutdown()
          && channel.pipeline().get(SslHandler.class) == null) {
        duplex.shutdownOutput();
      } else {
        context.close();
      }
    });
    context.flush();
  }

  /** Whether the last word has been said. */
  boolean isClosing() {
    return closing;
  }

  /** Ends the connection at once, whatever has not been sent. */
  void reset() {
    if (channel.isActive()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      context.close();
    }
  }

  /** Whether a part of an answer has not yet been taken by the system. */
  boolean hasUnsent() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer != null && !buffer.isEmpty();
  }

  /** A number that changes when the system takes something; -1 if there is nothing to take. */
  long progress() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null || buffer.isEmpty()
        ? -1
        : Long.MAX_VALUE & (buffer.totalPendingWriteBytes() * 31 + buffer.currentProgress());
  }
}
