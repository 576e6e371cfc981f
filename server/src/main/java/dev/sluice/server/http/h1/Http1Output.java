package dev.sluice.server.http.h1;

import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.http.connection.FilePieces;
import dev.sluice.server.http.connection.HttpExchange;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Outflow;
import dev.sluice.server.http.tls.TlsEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.netty.channel.epoll.EpollSocketChannelConfig;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts bytes and files on the wire, and ends a connection; on its IO thread. */
final class Http1Output {
  private static final Logger LOG = LoggerFactory.getLogger(Http1Connection.class);
  private static final ByteBuf CONTINUE =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer()
              .writeBytes("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));

  /** So much is worth a system call of its own, even if more may follow in the same pass. */
  private static final int ENOUGH = 64 * 1024;

  private final IoThread io;
  private final ChannelHandlerContext context;
  private final Channel channel;
  private final Outflow outflow;
  private final boolean sendsFiles;
  private final Runnable closing;
  private final BooleanSupplier moreComes;
  private final Runnable flushing = this::flushNow;
  private boolean unflushed;
  private int unflushedBytes;
  private boolean ended;
  private boolean inputEnded;

  /**
   * Makes the output of a connection.
   *
   * @param closing is told when our side is about to be closed
   * @param moreComes whether there is more to be answered already: then what is sent waits for the
   *     end of this pass, if flushes are deferred
   */
  Http1Output(
      IoThread io,
      ChannelHandlerContext context,
      Outflow outflow,
      Runnable closing,
      BooleanSupplier moreComes) {
    this.io = io;
    this.context = context;
    this.outflow = outflow;
    this.closing = closing;
    this.moreComes = moreComes;
    channel = context.channel();
    sendsFiles = channel.pipeline().get(SslHandler.class) == null;
  }

  /** A buffer; any thread. */
  ByteBuf allocate(int size) {
    return context.alloc().directBuffer(size);
  }

  /**
   * Writes and flushes, now or with what else is written in this pass of the loop: whoever sends
   * may keep the loop busy for long afterwards.
   */
  private ChannelFuture send(Object out, ChannelPromise promise) {
    return send(out, promise, io.defersFlushes() && moreComes.getAsBoolean());
  }

  private ChannelFuture send(Object out, ChannelPromise promise, boolean waits) {
    if (!waits) {
      unflushedBytes = 0;
      return context.writeAndFlush(out, promise);
    }
    unflushedBytes += out instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
    ChannelFuture written = context.write(out, promise);
    if (unflushedBytes >= ENOUGH) {
      flush();
    } else if (!unflushed) {
      unflushed = true;
      io.flushLater(flushing);
    }
    return written;
  }

  private ChannelFuture send(Object out) {
    return send(out, context.newPromise());
  }

  private void flush() {
    unflushedBytes = 0;
    context.flush();
  }

  private void flushNow() {
    if (unflushed) {
      unflushed = false;
      flush();
    }
  }

  /** Flushes what has been written past this output, now or at the end of this pass. */
  void flushSoon() {
    if (!io.defersFlushes() || !moreComes.getAsBoolean()) {
      flush();
    } else if (!unflushed) {
      unflushed = true;
      io.flushLater(flushing);
    }
  }

  /** Gives leave to send the body, unless the answer has begun: it would be taken for its body. */
  void sendContinue(@Nullable HttpExchange exchange) {
    if (exchange != null && !exchange.isBegun()) {
      send(CONTINUE.duplicate());
    }
  }

  /** Sends a part of an answer that was counted as queued. */
  void write(ByteBuf out) {
    int size = out.readableBytes();
    send(out).addListener(future -> outflow.sent(size));
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

  /** Sends the last part of an answer, at once or with the answers of other connections. */
  void writeLast(Object out) {
    boolean defers = io.defersFlushes();
    boolean waits = defers && io.pace().mayWait();
    send(out, context.voidPromise(), waits || (defers && moreComes.getAsBoolean()));
    if (defers && !waits) {
      io.flushEarly();
    }
    uncork(out);
  }

  /** The same, and says when that is done. */
  ChannelFuture writeWatched(Object out) {
    ChannelFuture written = send(out);
    uncork(out);
    return written;
  }

  /** Behind what {@link #join} has put behind a first part. */
  private void uncork(Object out) {
    if (out instanceof SharedRegion) {
      if (unflushed) {
        flush();
      }
      cork(false);
    }
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
    send(after);
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
   */
  ChannelFuture closeAfter(Object out) {
    return send(out)
        .addListener(future -> {
          closing.run();
          if (!future.isSuccess()) {
            reset();
          } else if (!inputEnded) {
            ended = true;
            TlsEnd.shutdownOutput(channel);
          } else {
            context.close();
          }
        });
  }

  /** Everything the client sent was read: there is nothing to wait for once our side is closed. */
  void inputEnded() {
    inputEnded = true;
    if (ended) {
      context.close();
    }
  }

  boolean isInputEnded() {
    return inputEnded;
  }

  /** Ends the connection now; by a reset if that cuts something off. */
  void close(boolean cuts) {
    if (unflushed) {
      flush();
    }
    if (cuts) {
      reset();
    } else {
      context.close();
    }
  }

  /**
   * Ends the connection so that nobody takes what was sent for the whole: by a reset, and without
   * TLS's close_notify, which would say that all is well.
   */
  void reset() {
    if (unflushed) {
      flush();
    }
    if (channel.isActive()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      Channel.Unsafe unsafe = channel.unsafe();
      unsafe.close(unsafe.voidPromise());
    }
  }

  /** Ends the connection because of something unexpected. */
  void failed(Throwable cause, Peer peer) {
    if (!(cause instanceof IOException)) { // those are clients that have gone
      LOG.error("the connection of {} was closed: {}", peer.remoteAddress(), cause.toString());
    }
    context.close();
  }

  /** Puts a handler in the place of the one whose output this is. */
  void replaceHandler(ChannelHandler by) {
    flushNow();
    context.pipeline().replace(context.handler(), null, by);
  }

  /** Whether a part of an answer has not yet been taken by the system. */
  boolean hasUnsent() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return unflushed || (buffer != null && !buffer.isEmpty());
  }

  /** A number that changes when the system takes something; -1 if there is nothing to take. */
  long progress() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null || buffer.isEmpty()
        ? -1
        : Long.MAX_VALUE & (buffer.totalPendingWriteBytes() * 31 + buffer.currentProgress());
  }
}
