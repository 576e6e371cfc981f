package dev.sluice.server.http.h1;

import dev.sluice.bridge.loop.LastingEpoll;
import dev.sluice.server.exchange.RequestObserver;
import dev.sluice.server.http.connection.Connection;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Outflow;
import dev.sluice.server.http.websocket.Carrier;
import dev.sluice.server.http.websocket.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.stream.ChunkedWriteHandler;

/**
 * A connection of HTTP/1 that has become a WebSocket, on its {@code sluice-io} thread: it takes the
 * place of {@link Http1Connection}, and what is sent and received passes no other handler but
 * TLS's.
 */
final class Http1Socket extends ChannelInboundHandlerAdapter implements Connection, Carrier {
  private final IoThread io;
  private final Session session;
  private final Http1Exchange exchange;
  private final RequestObserver observer;
  private final Outflow outflow;
  private final Http1Clock clock;
  private Http1Output output;
  private ChannelHandlerContext context;
  private boolean inputEnded;

  @SuppressWarnings("NullAway.Init") // handlerAdded gives the rest, before anything else
  Http1Socket(Http1Connection before, Http1Exchange exchange, Session session) {
    io = before.io();
    observer = before.serving().observer();
    outflow = before.outflow();
    clock = new Http1Clock(before.serving().limits());
    this.exchange = exchange;
    this.session = session;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    output =
        new Http1Output(
            io, added, outflow, () -> clock.progress(io.second()), session::answersMore);
    io.add(this);
  }

  /**
   * The decoder gives what it holds when it leaves. (The other one, which is there for files over
   * TLS, holds nothing any more: the connection could be written to when the request was read.)
   */
  @Override
  public void begin() {
    ChannelPipeline pipeline = context.pipeline();
    if (pipeline.get(ChunkedWriteHandler.class) != null) {
      pipeline.remove(ChunkedWriteHandler.class);
    }
    setReading(true);
    pipeline.remove(StrictRequestDecoder.class);
    if (outflow.isInputEnded()) {
      session.inputEnding();
    }
    if (isHalfClosed()) {
      inputEnded();
    }
    if (outflow.isDraining()) {
      session.drain();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext reading, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      session.received(bytes);
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext read) {
    session.readComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    session.writabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext inactive) {
    io.remove(this);
    outflow.close();
    session.gone();
    exchange.socketEnded(observer, 0, false); // unless that was told
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext triggered, Object event) {
    if (event == LastingEpoll.Event.INPUT_ENDING) {
      session.inputEnding();
    } else if (event instanceof ChannelInputShutdownEvent) {
      inputEnded();
    } else if (event instanceof SslCloseCompletionEvent tls && tls.isSuccess()) {
      tlsEnded();
    }
  }

  private boolean isHalfClosed() {
    return context.channel() instanceof DuplexChannel duplex && duplex.isInputShutdown();
  }

  /** What has come is still used; so our side is closed only when the session says so. */
  private void inputEnded() {
    inputEnded = true;
    if (session.isClosed()) {
      output.inputEnded();
    } else {
      session.inputEnded();
    }
  }

  /** Once our side has ended this may be BoringSSL's word, and not the client's. */
  private void tlsEnded() {
    if (!session.isClosed()) {
      inputEnded();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
    output.failed(cause, exchange.peer());
  }

  @Override
  public void checkTimeout(int second) {
    State state = session.isClosed() ? State.REFUSED : State.IN_FLIGHT;
    switch (clock.check(second, state, false, false, output.progress())) {
      case CLOSE -> context.close();
      case RESET -> output.reset();
      default -> session.tick(second, output.hasUnsent());
    }
  }

  @Override
  public boolean isBusy() {
    return !session.isClosed() || output.hasUnsent();
  }

  @Override
  public void drain() {
    outflow.drain();
    session.drain();
  }

  @Override
  public void closeNow() {
    output.close(isBusy());
  }

  @Override
  public ByteBufAllocator allocator() {
    return context.alloc();
  }

  @Override
  public void write(ByteBuf bytes) {
    context.write(bytes, context.voidPromise());
  }

  @Override
  public void flush() {
    output.flushSoon();
  }

  @Override
  public boolean isCongested() {
    return !context.channel().isWritable();
  }

  @Override
  public void setReading(boolean reads) {
    context.channel().config().setAutoRead(reads);
  }

  /** What still comes is thrown away until the client closes, for a short time. */
  @Override
  public void end(long sent, boolean clean) {
    exchange.socketEnded(observer, sent, clean);
    clock.progress(io.second());
    if (context.channel().isActive()) {
      if (inputEnded || isHalfClosed()) {
        output.inputEnded();
      }
      output.closeAfter(Unpooled.EMPTY_BUFFER);
      setReading(true);
    }
  }

  @Override
  public void abort() {
    output.reset();
  }
}
