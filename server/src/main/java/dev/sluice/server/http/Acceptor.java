package dev.sluice.server.http;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Peers;
import dev.sluice.server.http.connection.Serving;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of an accepted connection, on its {@code sluice-io} thread: whether there is
 * room for it, and what it has to say before HTTP.
 */
final class Acceptor extends ChannelInitializer<Channel> {
  private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

  /** The answer to a connection too many, which is not read at all. */
  private static final ByteBuf FULL =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer(
              "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
              StandardCharsets.US_ASCII));

  private final ListenerOptions options;
  private final Serving serving;
  private final Map<EventExecutor, IoThread> threads;
  private final AtomicInteger connections;

  /**
   * Accepts for one listener.
   *
   * @param connections how many all listeners of the server have
   */
  Acceptor(
      ListenerOptions options,
      Serving serving,
      Map<EventExecutor, IoThread> threads,
      AtomicInteger connections) {
    this.options = options;
    this.serving = serving;
    this.threads = threads;
    this.connections = connections;
  }

  @Override
  protected void initChannel(Channel channel) {
    channel.closeFuture().addListener(closed -> connections.decrementAndGet());
    if (connections.incrementAndGet() > serving.limits().connections()) {
      LOG.debug("a connection was refused: {} are open", serving.limits().connections());
      refuse(channel);
      return;
    }
    IoThread io = threads.get(channel.eventLoop());
    if (io == null) {
      throw new IllegalStateException("a channel of a foreign event loop");
    }
    Peer peer = Peers.of(channel.remoteAddress(), channel.localAddress());
    if (options.tls() == null && options.proxies() == null) {
      Protocols.plain(channel.pipeline(), io, serving, peer);
    } else {
      Arrival arrival = new Arrival(options, io, serving, peer);
      channel.pipeline().addLast(Arrival.NAME, arrival);
      arrival.begin();
    }
  }

  /** Whoever expects TLS could not read an answer. */
  private void refuse(Channel channel) {
    if (options.tls() == null) {
      channel.writeAndFlush(FULL.duplicate()).addListener(ChannelFutureListener.CLOSE);
    } else {
      channel.close();
    }
  }
}
