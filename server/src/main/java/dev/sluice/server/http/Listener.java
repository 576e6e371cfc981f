package dev.sluice.server.http;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A socket that is listened on; opened and closed by any thread that may block. */
final class Listener {
  private static final int BACKLOG = 1024;

  /** So long a loop that is not run is waited for. */
  private static final int CLOSE_MILLIS = 2000;

  private final ListenerOptions options;
  private final Channel channel;
  private boolean closed;

  private Listener(ListenerOptions options, Channel channel) {
    this.options = options;
    this.channel = channel;
  }

  /**
   * Begins to listen.
   *
   * @param children is put into each connection
   * @throws SluiceException SL302 if that is not possible
   */
  static Listener open(
      Transport transport, EventLoopGroup group, ListenerOptions options, ChannelHandler children) {
    BindAddress address = options.address();
    if (address instanceof BindAddress.Unix unix) {
      UnixSocketFile.removeStale(unix);
    }
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channelFactory(transport.serverChannel(address))
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(children);
    if (address instanceof BindAddress.Tcp) {
      bootstrap.option(ChannelOption.SO_REUSEADDR, true);
      bootstrap.option(ChannelOption.SO_BACKLOG, BACKLOG);
    }
    ChannelFuture bound =
        address instanceof BindAddress.Descriptor
            ? bootstrap.register()
            : bootstrap.bind(address.socketAddress());
    bound.awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw notBound(address, bound.cause());
    }
    Listener listener = new Listener(options, bound.channel());
    listener.restrict(options.unixMode());
    return listener;
  }

  private void restrict(@Nullable Set<PosixFilePermission> mode) {
    if (mode != null && options.address() instanceof BindAddress.Unix unix) {
      try {
        UnixSocketFile.setMode(unix, mode);
      } catch (IOException e) {
        close();
        throw notBound(unix, e);
      }
    }
  }

  private static SluiceException notBound(BindAddress address, Throwable cause) {
    boolean unknown = cause instanceof UnresolvedAddressException;
    String reason = unknown ? "the host is not known" : String.valueOf(cause.getMessage());
    String advice =
        reason.contains("in use")
            ? "Another program listens there: end it, or choose another address with --bind."
            : "Choose another address with --bind.";
    return new SluiceException(
        ServerError.ADDRESS_NOT_BOUND,
        "cannot listen on %s: %s. %s".formatted(address, reason, advice),
        cause);
  }

  ListenerOptions options() {
    return options;
  }

  /** The port that the system chose, or the one that was asked for; 0 for a unix socket. */
  int port() {
    return channel.localAddress() instanceof InetSocketAddress inet ? inet.getPort() : 0;
  }

  /** The URL or the path of the socket. */
  String url() {
    if (channel.localAddress() instanceof InetSocketAddress inet) {
      String scheme = options.tls() == null ? "http://" : "https://";
      return scheme + NetUtil.toSocketAddressString(inet);
    }
    return options.address().toString();
  }

  /** The number of its descriptor; -1 where there is none. */
  int descriptor() {
    return channel instanceof UnixChannel unix ? unix.fd().intValue() : -1;
  }

  /**
   * Accepts no more: whoever connects waits in the system's queue, for whoever has another
   * descriptor of the socket. (Without reading, Netty would accept one more.)
   */
  void leave() {
    channel.close().awaitUninterruptibly(CLOSE_MILLIS);
  }

  /**
   * Accepts no more; connections stay open. The file of a socket is deleted once: it may be new.
   */
  synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (channel.isOpen()) { // it ends with its loop, too
      channel.close().awaitUninterruptibly(CLOSE_MILLIS);
    }
    if (options.address() instanceof BindAddress.Unix unix) {
      UnixSocketFile.delete(unix);
    }
  }
}
