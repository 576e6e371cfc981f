package dev.sluice.server.http;

import dev.sluice.bridge.loop.LastingEpoll;
import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** The way to the sockets: epoll on Linux, the JDK's selectors elsewhere; any thread. */
public enum Transport {
  EPOLL,
  NIO;

  /** The best that works in this process. */
  public static Transport best() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /** The one of an event loop that is there. */
  static Transport of(EventLoop loop) {
    return loop instanceof IoEventLoop io && io.isCompatible(EpollIoHandle.class) ? EPOLL : NIO;
  }

  /** The threads {@code sluice-io-N}. */
  EventLoopGroup newGroup(int threads) {
    IoHandlerFactory handlers = this == EPOLL ? LastingEpoll.factory() : NioIoHandler.newFactory();
    AtomicInteger number = new AtomicInteger();
    ThreadFactory factory =
        new DefaultThreadFactory("sluice-io", true) {
          @Override
          protected Thread newThread(Runnable task, String name) {
            return super.newThread(task, "sluice-io-" + number.incrementAndGet());
          }
        };
    return new MultiThreadIoEventLoopGroup(threads, factory, handlers);
  }

  ChannelFactory<? extends ServerChannel> serverChannel(BindAddress address) {
    return switch (address) {
      case BindAddress.Tcp tcp ->
          this == EPOLL ? EpollServerSocketChannel::new : NioServerSocketChannel::new;
      case BindAddress.Unix unix -> this == EPOLL ? EpollServerDomainSocketChannel::new : nioUnix();
      case BindAddress.Descriptor descriptor -> {
        if (this != EPOLL) {
          throw new SluiceException(
              ServerError.TRANSPORT_MISSING,
              "%s cannot be served: inherited sockets need Netty's epoll transport, which is not"
                      .formatted(address)
                  + " available here. Bind an address instead.");
        }
        yield InheritedSocket.channel(descriptor);
      }
    };
  }

  /** The JDK's unix sockets want the JDK's address type, which Netty's own is not. */
  private static ChannelFactory<? extends ServerChannel> nioUnix() {
    return NioServerDomainSocketChannel::new;
  }
}
