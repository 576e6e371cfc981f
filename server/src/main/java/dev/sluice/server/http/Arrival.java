package dev.sluice.server.http;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.TlsDetails;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.tls.Alpn;
import dev.sluice.server.http.tls.Handshake;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.proxies.TrustedProxies;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection before HTTP, on its {@code sluice-io} thread: first the proxy says whom it speaks
 * for, then TLS is agreed on, if the listener wants that; all of it within one limit of time.
 */
final class Arrival extends ChannelInboundHandlerAdapter implements Newcomer {
  static final String NAME = "arrival";

  private static final Logger LOG = LoggerFactory.getLogger(Arrival.class);

  private final ListenerOptions options;
  private final IoThread io;
  private final Serving serving;
  private final int since;
  private Peer peer;
  private ChannelHandlerContext context;
  private String serverName = "";

  @SuppressWarnings("NullAway.Init") // handlerAdded gives the context, before anything else
  Arrival(ListenerOptions options, IoThread io, Serving serving, Peer peer) {
    this.options = options;
    this.io = io;
    this.serving = serving;
    this.peer = peer;
    since = io.second();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    io.add(this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    io.remove(this);
  }

  /** Puts what comes first before this handler. */
  void begin() {
    TrustedProxies proxies = options.proxies();
    if (proxies == null) {
      encrypt();
    } else if (proxies.trusts(peer)) {
      context.pipeline().addBefore(NAME, null, new ProxyHeader());
    } else {
      LOG.debug("the connection of {} was closed: it is no proxy", name());
      context.close();
    }
  }

  private void encrypt() {
    Tls tls = options.tls();
    if (tls == null) {
      Protocols.plain(context.pipeline(), io, serving, peer);
      context.pipeline().remove(this);
    } else {
      tls.addTo(context.pipeline(), NAME);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext reading, Object message) {
    try {
      if (message instanceof HAProxyMessage header) {
        peer = ProxyHeader.peer(header, peer);
        encrypt();
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext triggered, Object event) {
    if (event instanceof SniCompletionEvent name) {
      serverName = Handshake.serverName(name.hostname());
    } else if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        agreed();
      }
    } else if (event instanceof ChannelInputShutdownEvent) {
      context.close();
    }
  }

  private void agreed() {
    SslHandler handler = context.pipeline().get(SslHandler.class);
    TlsDetails details = Handshake.details(handler, serverName);
    String protocol = handler.applicationProtocol();
    Peer encrypted =
        new Peer(
            peer.remoteAddress(),
            peer.remotePort(),
            peer.localAddress(),
            peer.localPort(),
            "https",
            details);
    Protocols.encrypted(
        context.pipeline(), io, serving, encrypted, protocol == null ? Alpn.HTTP1 : protocol);
    context.pipeline().remove(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
    if (cause instanceof IOException || cause instanceof DecoderException) {
      LOG.debug("the connection of {} was closed: {}", name(), cause.getMessage());
    } else {
      LOG.error("the connection of {} was closed: {}", name(), cause.toString());
    }
    context.close();
  }

  private String name() {
    return peer.remoteAddress().isEmpty() ? "a unix socket" : peer.remoteAddress();
  }

  @Override
  public void checkTimeout(int second) {
    Duration limit = serving.limits().handshake();
    if (Newcomer.isOver(since, second, limit)) {
      LOG.debug("the connection of {} was closed: it took too long to begin", name());
      context.close();
    }
  }

  @Override
  public ChannelHandlerContext context() {
    return context;
  }
}
