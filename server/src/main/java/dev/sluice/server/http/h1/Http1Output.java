package dev.sluice.server.http.h1;

import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.http.connection.FilePieces;
import dev.sluice.server.http.connection.HttpExchange;
import dev.sluice.server.http.connection.Outflow;
import dev.sluice.server.http.tls.TlsEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.netty.channel.epoll.EpollSocketChannelConfig;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Puts bytes and files on the wire, and ends a connection; on its IO thread. */
final class Http1Output {
  private static final ByteBuf CONTINUE =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer()
              .writeBytes("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));

  private final ChannelHandlerContext context;
  private final Channel channel;
  private final Outflow outflow;
  private final boolean sendsFiles;
  private boolean ended;

  Http1Output(ChannelHandlerContext context, Outflow outflow) {
    this.context = context;
    this.outflow = outflow;
    channel = context.channel();
    sendsFiles = channel.pipeline().get(SslHandler.class) == null;
  }

  /** A buffer; any thread. */
  ByteBuf allocate(int size) {
    return context.alloc().directBuffer(size);
  }

  /** Gives leave to send the body, unless the answer has begun: it would be taken for its body. */
  void sendContinue(@Nullable HttpExchange exchange) {
    if (exchange != null && !exchange.isBegun()) {
      context.writeAndFlush(CONTINUE.duplicate());
    }
  }

  /** Sends a part of an answer that was counted as queued. */
  void write(ByteBuf out) {
    int size = out.readableBytes();
    context.writeAndFlush(out).addListener(future -> outflow.sent(size));
  }

  /** Whether a file goes out without its bytes' passing through this process. */
  boolean sendsFiles() {
    return sendsFiles;
  }

  /** What is left to be sent after the first of two parts, which go out together. */
  Object join(ByteBuf first, @Nullable SharedRegion second) {
    if (second == null) {
      return first;
    }
    cork(true);
    context.write(first, context.voidPromise());
    return second;
  }

  /** Forgets both. */
  static void drop(ByteBuf first, @Nullable SharedRegion second) {
    first.release();
    if (second != null) {
      second.release();
    }
  }

  /** Has the system wait for full packets, or no longer. */
  private void cork(boolean corked) {
    if (channel.isOpen() && channel.config() instanceof EpollSocketChannelConfig config) {
      config.setTcpCork(corked);
    }
  }

  /** Sends the last part of an answer. */
  void writeLast(Object out) {
    context.writeAndFlush(out, context.voidPromise());
    if (out instanceof SharedRegion) {
      cork(false);
    }
  }

  /** The same, and says when that is done. */
  ChannelFuture writeWatched(Object out) {
    ChannelFuture written = context.writeAndFlush(out);
    if (out instanceof SharedRegion) {
      cork(false);
    }
    return written;
  }

  /**
   * Sends a part of a file and what frames it.
   *
   * @param unsent is told how much of it could not be sent, if that is so
   */
  void write(ByteBuf before, FilePart part, ByteBuf after, LongConsumer unsent) {
    context.write(before);
    Object region = region(part);
    context
        .write(region)
        .addListener(future -> {
          part.close();
          if (!future.isSuccess()) {
            unsent.accept(part.count() - taken(region));
            reset(); // the file has become shorter, or cannot be read
          }
        });
    context.writeAndFlush(after);
  }

  /** How many bytes the system has taken. */
  private static long taken(Object region) {
    return region instanceof FileRegion file
        ? file.transferred()
        : ((FilePieces) region).progress();
  }

  /** The system copies from the file to the socket, unless the bytes have to be encrypted. */
  private Object region(FilePart part) {
    return sendsFiles
        ? new DefaultFileRegion(part.channel(), part.position(), part.count())
        : new FilePieces(part);
  }

  /**
   * Sends the last bytes and closes our side only: closing both at once would make the system reset
   * the connection if the client is still sending, and it would never see the answer.
   *
   * @param halfClosed whether the client sends no more; asked when the last bytes are gone
   */
  ChannelFuture closeAfter(Object out, BooleanSupplier halfClosed, Runnable sent) {
    return context
        .writeAndFlush(out)
        .addListener(future -> {
          sent.run();
          if (!future.isSuccess()) {
            reset();
          } else if (!halfClosed.getAsBoolean()) {
            ended = true;
            TlsEnd.shutdownOutput(channel);
          } else {
            context.close();
          }
        });
  }

  /** The client sends no more: there is nothing to wait for once our side is closed. */
  void inputEnded() {
    if (ended) {
      context.close();
    }
  }

  /**
   * Ends the connection so that nobody takes what was sent for the whole: by a reset, and without
   * TLS's close_notify, which would say that all is well.
   */
  void reset() {
    if (channel.isActive()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      Channel.Unsafe unsafe = channel.unsafe();
      unsafe.close(unsafe.voidPromise());
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
