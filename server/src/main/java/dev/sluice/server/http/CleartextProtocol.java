package dev.sluice.server.http;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.h1.Http1;
import dev.sluice.server.http.h2.Http2;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.time.Duration;
import java.util.List;

/**
 * Finds out from the first bytes of a connection that is not encrypted which HTTP it speaks, puts
 * that into the pipeline and leaves; on the connection's IO thread. HTTP/2 begins with a preface
 * that is no request of HTTP/1 ("prior knowledge"); an upgrade from HTTP/1 is not offered.
 */
final class CleartextProtocol extends ByteToMessageDecoder implements Newcomer {
  private final IoThread io;
  private final Serving serving;
  private final Peer peer;
  private ChannelHandlerContext context;
  private int since;

  @SuppressWarnings("NullAway.Init") // handlerAdded gives the context, before anything else
  CleartextProtocol(IoThread io, Serving serving, Peer peer) {
    this.io = io;
    this.serving = serving;
    this.peer = peer;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    since = io.second();
    io.add(this);
  }

  @Override
  protected void decode(ChannelHandlerContext reading, ByteBuf first, List<Object> out) {
    ByteBuf preface = Http2.preface();
    int common = Math.min(first.readableBytes(), preface.readableBytes());
    if (!ByteBufUtil.equals(first, first.readerIndex(), preface, 0, common)) {
      Http1.addTo(reading.pipeline(), io, serving, peer);
    } else if (common == preface.readableBytes()) {
      Http2.addTo(reading.pipeline(), io, serving, peer);
    } else {
      return;
    }
    // What was read goes on to the one that was added.
    reading.pipeline().remove(this);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext removed) {
    io.remove(this);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext triggered, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      triggered.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
    caught.close(); // a client that has gone
  }

  @Override
  public void checkTimeout(int second) {
    HttpLimits limits = serving.limits();
    Duration limit = actualReadableBytes() == 0 ? limits.idle() : limits.header();
    if (Newcomer.isOver(since, second, limit)) {
      context.close();
    }
  }

  @Override
  public ChannelHandlerContext context() {
    return context;
  }
}
